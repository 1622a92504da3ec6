package dev.stockpot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that loads and unloads programs: each has native kernels, and one that made a soup can be collected. */
class ClassLoaderTest {
    @TempDir
    Path folder;

    @Test
    void theClassLoaderOfASoupCanBeCollected() throws Exception {
        for (String name : List.of("soup.safetensors", "soup.pt")) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            // JavaCPP's own thread would keep its classes.
                            "-Dorg.bytedeco.javacpp.noPointerGC=true",
                            "-XX:SoftRefLRUPolicyMSPerMB=0",
                            "-cp",
                            System.getProperty("java.class.path"),
                            ClassLoaderTest.class.getName(),
                            folder.resolve("1-" + name).toString(),
                            folder.resolve("2-" + name).toString())
                    .redirectErrorStream(true)
                    .start();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), printed);
            String native2 =
                    Stockpot.kernels().name() + " " + Stockpot.kernels().name();
            assertEquals(native2 + " collected", printed.trim(), name);
        }
    }

    /** Makes each of two soups with classes of its own, while the others' are still loaded; then waits for their end. */
    public static void main(String[] outputs) throws Exception {
        List<WeakReference<ClassLoader>> loaders = soups(outputs);
        for (int k = 0; k < 200; k++) {
            if (loaders.stream().allMatch(loader -> loader.get() == null)) {
                System.out.println("collected");
                return;
            }
            System.gc();
            Thread.sleep(20);
        }
        System.out.println("not collected");
    }

    private static List<WeakReference<ClassLoader>> soups(String[] outputs) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(new File(entry).toURI().toURL());
        }
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        List<Object> kept = new ArrayList<>();
        for (String out : outputs) {
            URLClassLoader loader = new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
            kept.add(makeSoup(loader, Path.of(out)));
            loaders.add(new WeakReference<>(loader));
            loader.close();
        }
        return loaders;
    }

    private static Object makeSoup(ClassLoader loader, Path out) throws Exception {
        Path[] ingredients = {
            Path.of("examples/ingredients/model_00.safetensors"), Path.of("examples/ingredients/model_02.safetensors")
        };
        Class<?> stockpot = loader.loadClass("dev.stockpot.Stockpot");
        Object soup = stockpot.getMethod("uniform", Path[].class).invoke(null, (Object) ingredients);
        Object written = soup.getClass().getMethod("write", Path.class).invoke(soup, out);
        Object kernels = stockpot.getMethod("kernels").invoke(null);
        System.out.print(kernels.getClass().getMethod("name").invoke(kernels) + " ");
        return written;
    }
}
