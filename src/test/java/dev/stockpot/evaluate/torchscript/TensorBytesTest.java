package dev.stockpot.evaluate.torchscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class TensorBytesTest {
    /** Only the last page of the tensor is ever touched. */
    @Test
    void aTensorOfMoreThan2GbIsReachedToItsEnd() {
        long bytes = (5L << 30) + 8;
        try (Tensor tensor = LibTorch.empty(ScalarType.Byte, bytes)) {
            TensorBytes memory = TensorBytes.of(tensor);
            assertEquals(bytes, memory.bytes());
            memory.slice(bytes - 8, 8).putLong(0, 0x0102030405060708L);
            assertEquals(8, memory.slice(bytes - 8, 1).get(0), "little-endian");
            assertThrows(IndexOutOfBoundsException.class, () -> memory.slice(bytes - 7, 8));
        }
    }

    @Test
    void anEmptyTensorHasNoBytes() {
        try (Tensor tensor = LibTorch.empty(ScalarType.Float, 0, 3)) {
            assertEquals(0, TensorBytes.of(tensor).bytes());
            assertEquals(0, TensorBytes.of(tensor).slice(0, 0).capacity());
        }
    }
}
