package dev.stockpot.checkpoint.onnx;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A model's graph without names: which operator takes which values. Exporters number what has no name in the model's code
 * ({@code onnx::MatMul_123}), and number it otherwise for another version of the code. In two models of one graph, the
 * tensors that are used at the same place are the same ones, whatever they are called.
 */
public final class OnnxGraph {
    private static final int GRAPH_INPUT = 11;
    private static final int GRAPH_OUTPUT = 12;
    private static final int FUNCTION_INPUT = 4;
    private static final int FUNCTION_OUTPUT = 5;
    private static final int VALUE_NAME = 1;
    private static final int DOC = 13;
    private static final int MODEL_GRAPH = 7;
    private static final int MODEL_FUNCTION = 25;
    private static final String OUTPUT = "output";

    private final Path file;
    private final ProtoInput in;
    private final GraphTrail trail = new GraphTrail();
    private final Map<String, Use> uses = new LinkedHashMap<>();
    private int values;

    /**
     * Where a tensor of the main graph is used first.
     *
     * @param place among the tensors of the graph, in the order of their first uses
     * @param op the operator that uses it; of a node with graphs in it, perhaps one of theirs
     */
    public record Use(int place, String op) {}

    /**
     * A graph's shape and its tensors.
     *
     * @param digest of the operators, what each takes, and their attributes; the same in models of one graph
     * @param trail the same step by step
     * @param uses of the tensors of the main graph, by name; those that no node takes are not in it
     */
    public record Found(String digest, GraphTrail trail, Map<String, Use> uses) {
        /** What this graph has first that {@code pattern} has not, as the end of a sentence; empty if they are the same. */
        public Optional<String> difference(Found pattern) {
            return trail.difference(pattern.trail);
        }
    }

    private OnnxGraph(Path file, ProtoInput in) {
        this.file = file;
        this.in = in;
    }

    /**
     * Walks through the graph of {@code file}.
     *
     * @throws CheckpointException if it cannot be read
     */
    public static Found of(Path file) {
        try (RandomFile opened = RandomFile.open(file)) {
            OnnxGraph graph = new OnnxGraph(file, new ProtoInput(file, opened));
            graph.model();
            return new Found(graph.trail.digest(), graph.trail, graph.uses);
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    private void model() throws IOException {
        ProtoInput.Message whole = in.whole();
        for (int field = in.field(); field != 0; field = in.field()) {
            if (field == MODEL_GRAPH) {
                ProtoInput.Message graph = in.enter(whole);
                body(graph, new Scope(null, true), Node.IN_GRAPH, true);
                in.leave(graph);
            } else if (field == MODEL_FUNCTION) {
                ProtoInput.Message function = in.enter(whole);
                trail.add(Node.functionName(in));
                trail.step("function");
                in.again(function);
                body(function, new Scope(null, false), Node.IN_FUNCTION, false);
                in.leave(function);
            } else {
                in.skip();
            }
        }
    }

    /** The values that a graph knows by name: its own, then those of the graph around it. */
    private static final class Scope {
        private final Scope outer;
        private final boolean main;
        private final int depth;
        private final Map<String, Integer> values = new HashMap<>();
        private final Map<String, Integer> tensors = new HashMap<>();

        Scope(Scope outer, boolean main) {
            this.outer = outer;
            this.main = main;
            this.depth = outer == null ? 0 : outer.depth + 1;
        }

        void addTensor(String name) {
            tensors.putIfAbsent(name, tensors.size());
        }

        /** The scope that has a value; null if none has. */
        Scope of(String name) {
            for (Scope scope = this; scope != null; scope = scope.outer) {
                if (scope.values.containsKey(name) || scope.tensors.containsKey(name)) {
                    return scope;
                }
            }
            return null;
        }
    }

    /** The nodes of a graph or of a function; its initializers and inputs come after them in the file. */
    private void body(ProtoInput.Message message, Scope scope, int nodeField, boolean graph) throws IOException {
        for (int field = in.field(); field != 0; field = in.field()) {
            if (graph && field == Node.INITIALIZER) {
                scope.addTensor(TensorProto.read(file, in, message).name());
            } else if (graph && field == GRAPH_INPUT) {
                define(scope, valueName(message));
            } else if (!graph && field == FUNCTION_INPUT) {
                define(scope, in.text(TensorProto.LONGEST_NAME));
            } else {
                in.skip();
            }
        }
        in.again(message);
        for (int field = in.field(); field != 0; field = in.field()) {
            if (field == nodeField) {
                node(message, scope);
            } else if (graph && field == GRAPH_OUTPUT) {
                use(scope, valueName(message), OUTPUT);
                trail.step(OUTPUT);
            } else if (!graph && field == FUNCTION_OUTPUT) {
                use(scope, in.text(TensorProto.LONGEST_NAME), OUTPUT);
                trail.step(OUTPUT);
            } else {
                in.skip();
            }
        }
    }

    private String valueName(ProtoInput.Message outer) throws IOException {
        ProtoInput.Message message = in.enter(outer);
        String name = "";
        for (int field = in.field(); field != 0; field = in.field()) {
            if (field == VALUE_NAME) {
                name = in.text(TensorProto.LONGEST_NAME);
            } else {
                in.skip();
            }
        }
        in.leave(message);
        return name;
    }

    private void define(Scope scope, String name) {
        scope.values.put(name, values++);
    }

    private void node(ProtoInput.Message outer, Scope scope) throws IOException {
        ProtoInput.Message message = in.enter(outer);
        Node node = Node.read(in, message);
        if (node.isConstant() && isWeight(message)) {
            scope.addTensor(node.output());
        } else {
            trail.add(node.domain());
            trail.add(node.op());
            trail.step(node, GraphTrail.OPERATOR);
            in.again(message);
            for (int field = in.field(); field != 0; field = in.field()) {
                switch (field) {
                    case Node.INPUT -> {
                        use(scope, in.text(TensorProto.LONGEST_NAME), node.op());
                        trail.step(node, "input");
                    }
                    case Node.ATTRIBUTE -> attribute(message, scope, node);
                    default -> in.skip();
                }
            }
            in.again(message);
            for (int field = in.field(); field != 0; field = in.field()) {
                if (field == Node.OUTPUT) {
                    define(scope, in.text(TensorProto.LONGEST_NAME));
                } else {
                    in.skip();
                }
            }
        }
        in.leave(message);
    }

    /** Whether a constant is one of the tensors of the checkpoint, as an initializer in its place would be. */
    private boolean isWeight(ProtoInput.Message node) throws IOException {
        in.again(node);
        boolean weight = false;
        for (int field = in.field(); field != 0; field = in.field()) {
            if (field != Node.ATTRIBUTE) {
                in.skip();
                continue;
            }
            ProtoInput.Message attribute = in.enter(node);
            for (int part = in.field(); part != 0; part = in.field()) {
                if (part == Node.TENSOR) {
                    ElementType type = TensorProto.read(file, in, attribute).type();
                    weight =
                            type != null && type.dtype() != null && type.dtype().isFloat();
                } else {
                    in.skip();
                }
            }
            in.leave(attribute);
        }
        return weight;
    }

    /** A value that is taken: which one it is, and of a tensor also where that was first. */
    private void use(Scope scope, String name, String op) {
        Scope of = scope.of(name);
        if (of == null) {
            // None, which a node may leave out, or one that only a damaged model lacks.
            trail.add(name.isEmpty() ? "-" : "?" + name);
        } else if (!of.tensors.containsKey(name)) {
            trail.add("v" + of.values.get(name));
        } else if (of.main) {
            uses.putIfAbsent(name, new Use(uses.size(), op));
            trail.add("t" + uses.get(name).place());
        } else {
            trail.add("i" + of.tensors.get(name));
        }
    }

    /** An attribute: its name and what it is, byte for byte, but for names that are an exporter's own. */
    private void attribute(ProtoInput.Message outer, Scope scope, Node node) throws IOException {
        ProtoInput.Message message = in.enter(outer);
        String name = Node.attributeName(in);
        in.again(message);
        for (int field = in.field(); field != 0; field = in.field()) {
            if (field == Node.GRAPH || field == Node.GRAPHS) {
                ProtoInput.Message graph = in.enter(message);
                if (scope.depth == OnnxModel.DEEPEST) {
                    throw in.damaged("has graphs inside each other more than " + OnnxModel.DEEPEST + " deep");
                }
                body(graph, new Scope(scope, false), Node.IN_GRAPH, true);
                in.leave(graph);
            } else if (field == Node.TENSOR) {
                TensorProto tensor = TensorProto.read(file, in, message);
                trail.add(tensor.type() + " " + tensor.dims());
                values(tensor);
            } else if (field == DOC) {
                in.skip();
            } else {
                trail.add(Integer.toString(field));
                content();
            }
        }
        in.leave(message);
        trail.step(node, "attribute " + name);
    }

    /** A tensor's values as the file has them; where they are in a data file, its name is the exporter's own. */
    private void values(TensorProto tensor) throws IOException {
        ProtoInput.Message message = tensor.message();
        in.again(message);
        for (int field = in.field(); field != 0 && !tensor.isExternal(); field = in.field()) {
            if (tensor.holds(in.fieldAt())) {
                content();
            } else {
                in.skip();
            }
        }
        in.leave(message);
    }

    private void content() throws IOException {
        switch (in.wireType()) {
            case ProtoInput.VARINT -> trail.add(Long.toString(in.varint()));
            case ProtoInput.FIXED32 -> trail.add(Integer.toHexString(in.fixed32()));
            case ProtoInput.FIXED64 -> trail.add(Long.toHexString(in.fixed64()));
            default -> {
                for (long left = in.length(); left > 0; left--) {
                    trail.add(in.next());
                }
            }
        }
    }
}
