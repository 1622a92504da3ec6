package dev.stockpot.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Names of tensors as sentences quote them. */
public final class TensorNames {
    private TensorNames() {}

    /** Of one that was marked with the key of its mapping: {@code ema: fc.bias} for {@code fc.bias@ema}. */
    public static String shown(String name) {
        int mark = name.lastIndexOf('@');
        return Printable.name(mark <= 0 ? name : name.substring(mark + 1) + ": " + name.substring(0, mark));
    }

    /** The first few. */
    public static String listed(Collection<String> names) {
        return NameList.of(shown(names));
    }

    /** The first few, and how many there are. */
    public static String counted(Collection<String> names) {
        return listed(names) + " (" + Figures.count(names.size(), "tensor") + ")";
    }

    /** Each of them, in order. */
    public static List<String> shown(Collection<String> names) {
        List<String> shown = new ArrayList<>(names.size());
        names.forEach(name -> shown.add(shown(name)));
        return shown;
    }
}
