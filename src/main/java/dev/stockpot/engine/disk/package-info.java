/**
 * The file system as outputs use it: every call goes through {@link dev.stockpot.engine.disk.OutputFiles}, in which a test can
 * make any of them fail. What may enter: a call that an output needs, and how the real file system answers it.
 */
package dev.stockpot.engine.disk;
