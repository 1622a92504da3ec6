package dev.stockpot.text;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What people call a model, derived from its path. */
public final class ModelNames {
    /** How files begin that libraries name alike in every model's folder. */
    private static final String[] GENERIC = {
        "model.", "pytorch_model.", "diffusion_pytorch_model.", "adapter_model.", "open_clip_model."
    };

    private ModelNames() {}

    /** One for each, the shortest of file, folder and path that distinguishes them. */
    public static List<String> of(List<Path> models) {
        List<String> names = models.stream().map(ModelNames::shortest).toList();
        return new HashSet<>(names).size() == names.size()
                ? names
                : models.stream().map(Path::toString).toList();
    }

    /** The file's name without its ending, or its folder's name if the file's is generic (model.*, pytorch_model.* and the like). */
    private static String shortest(Path model) {
        Path whole = model.toAbsolutePath().normalize();
        return isGeneric(whole) ? folder(whole) : withoutEnding(file(whole));
    }

    /**
     * All names for it: its path as given and absolute, and its file's name with and without ending, or its folder's name if
     * the file's is generic (model.*, pytorch_model.* and the like).
     */
    public static Set<String> all(Path model) {
        Set<String> names = new LinkedHashSet<>();
        Path whole = model.toAbsolutePath().normalize();
        names.add(model.toString());
        names.add(whole.toString());
        if (isGeneric(whole)) {
            names.add(folder(whole));
        } else {
            names.add(file(whole));
            names.add(withoutEnding(file(whole)));
        }
        return names;
    }

    private static boolean isGeneric(Path whole) {
        boolean generic = false;
        for (String name : GENERIC) {
            generic |= file(whole).startsWith(name);
        }
        return generic && whole.getParent().getFileName() != null;
    }

    private static String file(Path whole) {
        return String.valueOf(whole.getFileName());
    }

    private static String folder(Path whole) {
        return whole.getParent().getFileName().toString();
    }

    private static String withoutEnding(String file) {
        return file.replaceFirst("(\\.(safetensors|index|json|pt|pth|bin|ckpt|tar))+$", "");
    }
}
