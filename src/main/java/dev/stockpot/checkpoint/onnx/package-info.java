/**
 * ONNX models: which tensors one has, and where their values are. {@link dev.stockpot.checkpoint.onnx.OnnxReader} opens one;
 * {@link dev.stockpot.checkpoint.onnx.OnnxTemplate} writes it again with other values. A model is one message of protocol
 * buffers (onnx/onnx.proto), whose numbers of fields are the constants here. No generated classes read it: they would copy
 * every value onto the heap, and their positions are ints, as are those of {@code CodedInputStream}. {@link
 * dev.stockpot.checkpoint.onnx.ProtoInput} steps over values instead, in files of any length.
 *
 * <p>What may enter: a part of the format that holds weights.
 */
package dev.stockpot.checkpoint.onnx;
