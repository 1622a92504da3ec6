package dev.stockpot.formula;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Gives the values of a formula's steps registers: those of values that are not used any more are used again. What no result
 * uses is left out.
 */
final class Registers {
    /** One step, whose value has a number; operands below 0 are constants. */
    record Step(Op op, int to, int a, int b, int c) {
        /** The numbers of the values that it uses. */
        private int[] used() {
            return Arrays.stream(new int[] {a, b, c}, 0, op.operands())
                    .filter(operand -> operand >= 0)
                    .toArray();
        }
    }

    private final List<Step> placed = new ArrayList<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private final int[] register;
    private final int[] lastUse;
    private int count;

    /** @param steps each with its own place as its value's number */
    Registers(List<Step> steps) {
        register = new int[steps.size()];
        lastUse = lastUses(steps);
        for (int s = 0; s < steps.size(); s++) {
            if (lastUse[s] >= 0) {
                place(steps.get(s), s);
            }
        }
    }

    List<Step> steps() {
        return placed;
    }

    int count() {
        return count;
    }

    /** For each step the last one that uses its value, itself if it is a result; -1 if none does. */
    private static int[] lastUses(List<Step> steps) {
        int[] last = new int[steps.size()];
        Arrays.fill(last, -1);
        for (int s = steps.size() - 1; s >= 0; s--) {
            Step step = steps.get(s);
            if (step.op().isResult()) {
                last[s] = s;
            }
            if (last[s] >= 0) {
                for (int operand : step.used()) {
                    last[operand] = Math.max(last[operand], s);
                }
            }
        }
        return last;
    }

    private void place(Step step, int at) {
        int values = step.op().operands();
        int a = values > 0 ? at(step.a()) : step.a();
        int b = values > 1 ? at(step.b()) : step.b();
        int c = values > 2 ? at(step.c()) : step.c();
        // Its value may take the register of an operand: each element is read before it is written.
        for (int operand : step.used()) {
            if (lastUse[operand] == at && !free.contains(register[operand])) {
                free.push(register[operand]);
            }
        }
        if (!step.op().isResult()) {
            register[at] = free.isEmpty() ? count++ : free.pop();
        }
        placed.add(new Step(step.op(), register[at], a, b, c));
    }

    private int at(int operand) {
        return operand >= 0 ? register[operand] : operand;
    }
}
