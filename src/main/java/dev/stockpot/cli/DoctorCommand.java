package dev.stockpot.cli;

import dev.stockpot.cli.options.CommonOptions;
import dev.stockpot.cli.options.RunFailure;
import dev.stockpot.cli.output.GpuFindings;
import dev.stockpot.cli.output.Json;
import dev.stockpot.cli.output.Version;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.Isa;
import dev.stockpot.system.ProcFile;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code stockpot doctor}. */
@Command(
        name = "doctor",
        description = "Show what will be used on this machine, and why: CPU, kernels, memory, disk, GPU.",
        footer = {"  stockpot doctor", "  stockpot doctor /mnt/checkpoints"})
final class DoctorCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            paramLabel = "FOLDER",
            defaultValue = ".",
            description = "A folder with checkpoints, to see how it would be read (default: the current folder).")
    private Path folder;

    @Mixin
    private CommonOptions common;

    @Override
    public Integer call() throws IOException {
        Map<String, String> findings = findings();
        if (common.json()) {
            Json.print(common.out(), json -> {
                json.writeStartObject();
                for (Map.Entry<String, String> finding : findings.entrySet()) {
                    json.writeStringField(finding.getKey(), finding.getValue());
                }
                json.writeEndObject();
            });
        } else {
            findings.forEach(
                    (what, found) -> common.out().printf(Locale.ROOT, "%-9s  %s%n", what, Printable.of(found)));
            common.out().flush();
        }
        return 0;
    }

    private Map<String, String> findings() throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new RunFailure(folder + ": is not a folder");
        }
        Runtime runtime = Runtime.getRuntime();
        Map<String, String> findings = new LinkedHashMap<>();
        findings.put("stockpot", Version.text());
        findings.put(
                "java",
                Runtime.version() + " (" + System.getProperty("java.vendor") + "), heap up to "
                        + Figures.bytes(runtime.maxMemory()));
        findings.put(
                "cpu",
                ProcFile.field("/proc/cpuinfo", "model name").orElse(System.getProperty("os.arch")) + ", "
                        + runtime.availableProcessors() + " processors");
        findings.put(
                "kernels",
                KernelSelection.select(common.silentRun().isa()).name()
                        + (NativeLibrary.isAvailable()
                                ? ": the widest instruction set that this CPU has and that --isa and STOCKPOT_ISA allow"
                                : ": plain Java, since the native library cannot be used: "
                                        + NativeLibrary.unavailableReason()));
        findings.put("formulas", formulas());
        findings.put("threads", Integer.toString(common.threads()));
        findings.put("gpu", GpuFindings.describe(common.silentRun()));
        findings.put("memory", ProcFile.field("/proc/meminfo", "MemAvailable").orElse("unknown") + " available");
        findings.put("disk", disk());
        return findings;
    }

    private String formulas() {
        Kernels kernels = KernelSelection.select(common.silentRun().isa());
        if (KernelSelection.compilesFormulas(kernels)) {
            return "of merge methods: compiled to this CPU's machine code as they are needed";
        }
        return "of merge methods: step by step, "
                + (kernels.name().equals(Isa.AVX512.toString())
                        ? "as this system forbids a process to run code that it makes"
                        : "as only AVX-512 kernels compile them");
    }

    private String disk() throws IOException {
        Path real = folder.toRealPath();
        boolean network = NativeLibrary.isAvailable() && NativeLibrary.isNetworkFileSystem(real);
        boolean mapped = NativeLibrary.isAvailable() && !network;
        return real + ": " + Figures.bytes(Files.getFileStore(real).getUsableSpace()) + " free, "
                + Files.getFileStore(real).type() + ", "
                + (mapped ? "mapped: a local file system" : network ? "read: a network file system" : "read");
    }
}
