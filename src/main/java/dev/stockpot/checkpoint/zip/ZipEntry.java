package dev.stockpot.checkpoint.zip;

/**
 * An entry of a zip archive, as its central directory describes it.
 *
 * @param name its name
 * @param method 0 for stored, 8 for deflated
 * @param described whether sizes may follow the values instead of preceding them
 * @param compressed bytes that it takes in the file
 * @param bytes its uncompressed length
 * @param crc32 the checksum of its uncompressed bytes
 * @param header where its local header begins in the file
 * @param end where the next entry or the directory begins: its bytes end no later
 */
public record ZipEntry(
        String name, int method, boolean described, long compressed, long bytes, int crc32, long header, long end) {
    public static final int STORED = 0;
    public static final int DEFLATED = 8;

    ZipEntry endingAt(long place) {
        return new ZipEntry(name, method, described, compressed, bytes, crc32, header, place);
    }
}
