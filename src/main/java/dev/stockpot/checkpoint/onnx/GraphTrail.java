package dev.stockpot.checkpoint.onnx;

import dev.stockpot.text.Printable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** What a walk through a graph meets, step by step: graphs with the same steps are the same, and others part at a step. */
public final class GraphTrail {
    /** The part of a node that says what it computes. */
    static final String OPERATOR = "operator";

    private final MessageDigest content = sha256();
    private final MessageDigest all = sha256();
    private final List<Step> steps = new ArrayList<>();

    /**
     * A part of a node, or of the graph around the nodes.
     *
     * @param op the node's operator; empty for what is no node
     * @param label what to call the node
     * @param part of it
     * @param sum the beginning of the content's digest
     */
    private record Step(String op, String label, String part, long sum) {
        boolean isSameNode(Step other) {
            return op.equals(other.op) && part.equals(other.part) && !part.equals(OPERATOR);
        }

        String node() {
            return op.isEmpty() ? part : op + " " + Printable.name(label);
        }
    }

    GraphTrail() {}

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Adds a text to the step that is being made. */
    void add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        content.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        content.update(bytes);
    }

    /** Adds a byte to it. */
    void add(byte value) {
        content.update(value);
    }

    /** Ends the step: all that was added since the last one is this part of a node. */
    void step(Node node, String part) {
        step(node.op(), node.name().isEmpty() ? node.output() : node.name(), part);
    }

    /** Ends a step that is no node's. */
    void step(String part) {
        step("", "", part);
    }

    private void step(String op, String label, String part) {
        byte[] sum = content.digest();
        all.update(sum);
        steps.add(new Step(op, label, part, ByteBuffer.wrap(sum).getLong()));
    }

    /** A digest of all steps, to be asked for once. */
    String digest() {
        return HexFormat.of().formatHex(all.digest());
    }

    /** What a graph has first that {@code pattern} has not, as the end of a sentence; empty if each step is the same. */
    Optional<String> difference(GraphTrail pattern) {
        int both = Math.min(steps.size(), pattern.steps.size());
        for (int k = 0; k < both; k++) {
            Step mine = steps.get(k);
            Step other = pattern.steps.get(k);
            if (mine.sum != other.sum) {
                return Optional.of(
                        mine.isSameNode(other)
                                ? "another " + mine.part + (mine.op.isEmpty() ? "" : " of " + mine.node())
                                : mine.node() + " instead of " + other.node());
            }
        }
        if (steps.size() > both) {
            return Optional.of(steps.get(both).node() + " in addition");
        }
        return pattern.steps.size() > both
                ? Optional.of("no " + pattern.steps.get(both).node())
                : Optional.empty();
    }
}
