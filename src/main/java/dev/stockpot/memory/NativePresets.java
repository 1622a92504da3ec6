package dev.stockpot.memory;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/**
 * Describes to JavaCPP how to read {@code stockpot.h}, from which it generates {@code Native} at build time. A # says that
 * JavaCPP is not to load a library: {@link LibraryFile} does.
 */
@Properties(
        value = @Platform(include = "stockpot.h", link = "stockpot#", library = "jniStockpot#"),
        target = "dev.stockpot.memory.Native")
class NativePresets implements InfoMapper {
    @Override
    public void map(InfoMap infoMap) {
        infoMap.put(
                new Info("sp_address").cast().valueTypes("long").pointerTypes("LongPointer", "LongBuffer", "long[]"));
    }
}
