package dev.stockpot.checkpoint.onnx;

import java.io.IOException;

/**
 * A node of a graph (onnx.proto, {@code NodeProto}), without its attributes.
 *
 * @param name empty if it has none
 * @param op the operator
 * @param domain of the operator; empty for ONNX's own
 * @param output the first value that it makes; empty if it makes none
 * @param attributes how many it has
 */
record Node(String name, String op, String domain, String output, int attributes) {
    /** Fields of a graph. */
    static final int IN_GRAPH = 1;

    static final int INITIALIZER = 5;
    static final int SPARSE_INITIALIZER = 15;

    /** Fields of a function. */
    static final int IN_FUNCTION = 7;

    private static final int FUNCTION_NAME = 1;
    private static final int FUNCTION_DOMAIN = 10;
    private static final int FUNCTION_OVERLOAD = 13;

    /** Fields of a node. */
    static final int INPUT = 1;

    static final int OUTPUT = 2;
    private static final int NAME = 3;
    private static final int OP = 4;
    static final int ATTRIBUTE = 5;
    private static final int DOMAIN = 7;

    /** Fields of an attribute (onnx.proto, {@code AttributeProto}). */
    static final int ATTRIBUTE_NAME = 1;

    static final int TENSOR = 5;
    static final int GRAPH = 6;
    static final int TENSORS = 10;
    static final int GRAPHS = 11;

    /** Reads the node whose message was entered. */
    static Node read(ProtoInput in, ProtoInput.Message message) throws IOException {
        String name = "";
        String op = "";
        String domain = "";
        String output = null;
        int attributes = 0;
        for (int field = in.field(); field != 0; field = in.field()) {
            switch (field) {
                case NAME -> name = in.text(TensorProto.LONGEST_NAME);
                case OP -> op = in.text(TensorProto.LONGEST_NAME);
                case DOMAIN -> domain = in.text(TensorProto.LONGEST_NAME);
                case OUTPUT -> {
                    String made = in.text(TensorProto.LONGEST_NAME);
                    output = output == null ? made : output;
                }
                case ATTRIBUTE -> {
                    attributes++;
                    in.skip();
                }
                default -> in.skip();
            }
        }
        return new Node(name, op, domain, output == null ? "" : output, attributes);
    }

    /** Whether it is a value that the model holds. */
    boolean isConstant() {
        return op.equals("Constant") && (domain.isEmpty() || domain.equals("ai.onnx"));
    }

    /** What to call it: its name, its first output's, or its operator and its place among the nodes of its graph. */
    String label(int index) {
        return !name.isEmpty() ? name : !output.isEmpty() ? output : op + "_" + index;
    }

    /** The name of the attribute whose message was entered. */
    static String attributeName(ProtoInput in) throws IOException {
        String name = "";
        for (int field = in.field(); field != 0; field = in.field()) {
            if (field == ATTRIBUTE_NAME) {
                name = in.text(TensorProto.LONGEST_NAME);
            } else {
                in.skip();
            }
        }
        return name;
    }

    /** What to call the function whose message was entered: its domain, its name and which of that name it is. */
    static String functionName(ProtoInput in) throws IOException {
        String name = "";
        String domain = "";
        String overload = "";
        for (int field = in.field(); field != 0; field = in.field()) {
            switch (field) {
                case FUNCTION_NAME -> name = in.text(TensorProto.LONGEST_NAME);
                case FUNCTION_DOMAIN -> domain = in.text(TensorProto.LONGEST_NAME);
                case FUNCTION_OVERLOAD -> overload = in.text(TensorProto.LONGEST_NAME);
                default -> in.skip();
            }
        }
        return (domain.isEmpty() ? "" : domain + "::") + name + (overload.isEmpty() ? "" : ":" + overload);
    }
}
