package dev.stockpot.kernel.cuda;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.CpuKernels;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.Native;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.cuda.cudart.CUstream_st;

/** Measures a GPU: copies, kernels on its own memory, and mixes streamed through it. The best of some rounds, in GB/s. */
final class CudaSpeeds {
    private static final int SOURCES = 8;
    private static final long LARGEST = 128L << 20;
    /** Where sources begin after a multiple of 16 bytes: as values do in half of all safetensors files. */
    private static final int SHIFT = 8;

    private final CudaKernels cuda;
    private final int rounds;
    private final Consumer<String> report;

    CudaSpeeds(CudaKernels cuda, int rounds, Consumer<String> report) {
        this.cuda = cuda;
        this.rounds = rounds;
        this.report = report;
    }

    void run() {
        // Bytes of a source; all sources and the results take half of the memory that may be used.
        long bytes = Math.min(LARGEST, cuda.residentMemory() / (2 * (SOURCES + 2))) / 4096 * 4096;
        cuda.onDevice((device, stream) -> {
            long memory = CudaDriver.allocate((SOURCES + 2) * bytes);
            try (KernelArguments arguments = new KernelArguments()) {
                List<Long> places = new ArrayList<>();
                for (int k = 0; k < SOURCES + 2; k++) {
                    places.add(memory + k * bytes);
                }
                copies(places, bytes, stream);
                for (DType dtype : List.of(DType.BF16, DType.F8_E4M3, DType.F32)) {
                    for (int shift : new int[] {0, SHIFT}) {
                        mixes(device, arguments, dtype, places, bytes, shift, stream);
                    }
                    dots(device, arguments, dtype, places, bytes, stream);
                }
            } finally {
                CudaDriver.free(memory);
            }
        });
        streaming();
        formulas();
    }

    private void copies(List<Long> places, long bytes, CUstream_st stream) {
        tell(
                "copy on the device (read and written)",
                2 * bytes,
                stream,
                () -> CudaDriver.copy(places.get(0), places.get(1), bytes, stream));
        try (PinnedMemory pinned = (PinnedMemory) cuda.memory().allocate(Math.min(bytes, 32 << 20))) {
            tell(
                    "copy to the device",
                    pinned.size(),
                    stream,
                    () -> CudaDriver.upload(places.get(0), pinned.address(), pinned.size(), stream));
            tell(
                    "copy from the device",
                    pinned.size(),
                    stream,
                    () -> CudaDriver.download(pinned.address(), places.get(0), pinned.size(), stream));
        }
    }

    private void mixes(
            CudaDevice device,
            KernelArguments arguments,
            DType dtype,
            List<Long> places,
            long bytes,
            int shift,
            CUstream_st stream) {
        long elements = (bytes - shift) * 8 / dtype.bits();
        boolean inF64 = dtype == DType.F32;
        byte code = (byte) CpuKernels.code(dtype);
        arguments.mix(
                sources(places, shift),
                codes(code),
                null,
                places.get(SOURCES),
                code,
                0,
                elements,
                SOURCES,
                1.0 / SOURCES,
                places.get(SOURCES + 1),
                KernelArguments.FINISH);
        int blocks = CudaMix.blocks(elements, inF64, device.multiprocessors());
        tell(
                "mix of " + SOURCES + " " + dtype + " on the device" + (shift == 0 ? "" : ", " + shift + " bytes off"),
                (SOURCES + 1) * bytes,
                stream,
                () -> CudaDriver.launch(device.mix(inF64), blocks, 1, arguments.parameters(), stream));
    }

    private void dots(
            CudaDevice device,
            KernelArguments arguments,
            DType dtype,
            List<Long> places,
            long bytes,
            CUstream_st stream) {
        // The vector is in F32, with as many elements as fit into its place.
        long elements = Math.min(bytes / 4, bytes * 8 / dtype.bits());
        arguments.dot(
                sources(places, 0),
                codes((byte) CpuKernels.code(dtype)),
                places.get(SOURCES),
                (byte) Native.SP_F32,
                places.get(SOURCES + 1),
                elements);
        int blocks = Math.toIntExact((elements + Dot.BLOCK - 1) / Dot.BLOCK);
        tell(
                "dot of F32 with " + SOURCES + " " + dtype + " on the device",
                4 * elements + SOURCES * dtype.bytes(elements),
                stream,
                () -> CudaDriver.launch(device.dot(), blocks, 1, arguments.parameters(), stream));
    }

    /** Streams through the device, from and to pinned memory, by one thread: the bus both ways, and the cost of a call. */
    private void streaming() {
        int elements = 1 << 20;
        DType dtype = DType.BF16;
        try (Memory in = cuda.memory().allocate(2L * elements * SOURCES);
                Memory out = cuda.memory().allocate(2L * elements)) {
            ByteBuffer values = in.slice(0, 2 * elements * SOURCES);
            while (values.hasRemaining()) {
                values.put((byte) 0);
            }
            List<Operand> sources = new ArrayList<>();
            for (int k = 0; k < SOURCES; k++) {
                sources.add(new Operand(dtype, in, 2L * elements * k));
            }
            Mix mix = new Mix(new Operand(dtype, out, 0), sources, elements, null, SOURCES);
            tell(
                    "mix of " + SOURCES + " " + dtype + " streamed by one thread",
                    (SOURCES + 1) * 2L * elements,
                    null,
                    () -> cuda.mix(mix));
        }
    }

    /** Formulas of values that stay on the device: of each call only a few numbers cross the bus. */
    private void formulas() {
        DType dtype = DType.BF16;
        int elements = (int) Math.min(1 << 24, cuda.residentMemory() / (2L * SOURCES) / 2);
        ByteBuffer values = ByteBuffer.allocateDirect(2 * elements);
        Memory kept = cuda.memory().keep(new CudaCheck.KeptFile(Memory.of(values), 0), 0, 2L * elements);
        if (kept == null) {
            return;
        }
        List<Operand> sources = Collections.nCopies(SOURCES, new Operand(dtype, kept, 0));
        FormulaBuilder products = Formula.builder();
        FormulaBuilder masked = Formula.builder();
        FormulaBuilder histograms = Formula.builder();
        Value all = masked.constant(0);
        for (int i = 0; i < SOURCES; i++) {
            for (int j = i; j < SOURCES; j++) {
                products.dot(products.source(i), products.source(j));
            }
            Value drawn = masked.less(masked.random(1, i), masked.constant(0.5));
            all = masked.add(all, masked.select(drawn, masked.source(i), masked.constant(0)));
            histograms.histogram(histograms.source(i), 0, 19, 1 << 12);
        }
        masked.count(all);
        Map<String, FormulaBuilder> formulas = new LinkedHashMap<>();
        formulas.put("inner products of ", products);
        formulas.put("random masks of ", masked);
        formulas.put("histograms of ", histograms);
        formulas.forEach((name, builder) -> {
            Formula formula = builder.build();
            Calculation call = new Calculation(formula, sources, Optional.empty(), 0, elements);
            double[] sums = new double[formula.sums()];
            long[] counts = new long[formula.counts()];
            tell(
                    name + SOURCES + " " + dtype + " on the device",
                    SOURCES * dtype.bytes(elements),
                    null,
                    () -> cuda.compute(call, sums, counts));
        });
    }

    private static long[] sources(List<Long> places, int shift) {
        return places.subList(0, SOURCES).stream().mapToLong(p -> p + shift).toArray();
    }

    private static byte[] codes(byte code) {
        byte[] codes = new byte[SOURCES];
        Arrays.fill(codes, code);
        return codes;
    }

    private void tell(String what, long bytes, CUstream_st stream, Runnable work) {
        double best = 0;
        for (int round = 0; round < rounds; round++) {
            long start = System.nanoTime();
            work.run();
            if (stream != null) {
                CudaDriver.synchronize(stream);
            }
            best = Math.max(best, bytes / (double) (System.nanoTime() - start));
        }
        report.accept(String.format(Locale.ROOT, "%-45s %8.1f GB/s", what, best));
    }
}
