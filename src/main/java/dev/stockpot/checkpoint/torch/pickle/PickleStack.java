package dev.stockpot.checkpoint.torch.pickle;

import dev.stockpot.error.CheckpointException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a pickle works on: a stack with marks in it, and a memo. Taking a value or mark that is not there is an error. */
final class PickleStack {
    /** The most values on the stack, marks in it, or values in the memo: many times what a checkpoint has. */
    private static final int MOST_VALUES = 1 << 24;

    private final Function<String, CheckpointException> wrong;
    private final List<Value> stack = new ArrayList<>();
    private int[] marks = new int[16];
    private int markCount;
    private final List<Value> memo = new ArrayList<>();
    private final Map<Long, Value> sparseMemo = new HashMap<>();

    /** {@code wrong} makes an error from what the pickle does wrong. */
    PickleStack(Function<String, CheckpointException> wrong) {
        this.wrong = wrong;
    }

    boolean isEmpty() {
        return stack.isEmpty();
    }

    /** The memo index for the next value. */
    int nextMemo() {
        return memo.size();
    }

    void push(Value value) {
        bound(stack.size());
        stack.add(value);
    }

    private void bound(int values) {
        if (values >= MOST_VALUES) {
            throw wrong.apply("holds more than " + MOST_VALUES + " values at once");
        }
    }

    private int floor() {
        return markCount == 0 ? 0 : marks[markCount - 1];
    }

    Value pop() {
        if (stack.size() <= floor()) {
            throw wrong.apply("takes more values than it has");
        }
        return stack.remove(stack.size() - 1);
    }

    Value top() {
        if (stack.size() <= floor()) {
            throw wrong.apply("takes more values than it has");
        }
        return stack.get(stack.size() - 1);
    }

    /** POP, which in Python may also remove a mark. */
    void drop() {
        if (markCount > 0 && stack.size() == floor()) {
            markCount--;
        } else {
            pop();
        }
    }

    void mark() {
        bound(markCount);
        if (markCount == marks.length) {
            marks = Arrays.copyOf(marks, 2 * markCount);
        }
        marks[markCount++] = stack.size();
    }

    List<Value> popMark() {
        if (markCount == 0) {
            throw wrong.apply("closes a mark that it has not set");
        }
        int from = marks[--markCount];
        return cut(from);
    }

    List<Value> last(int count) {
        int from = stack.size() - count;
        if (from < floor()) {
            throw wrong.apply("takes more values than it has");
        }
        return cut(from);
    }

    private List<Value> cut(int from) {
        List<Value> tail = stack.subList(from, stack.size());
        List<Value> items = List.of(tail.toArray(Value[]::new));
        tail.clear();
        return items;
    }

    void put(long index) {
        Value value = top();
        bound(memo.size() + sparseMemo.size());
        if (index < memo.size()) {
            memo.set((int) index, value);
        } else if (index == memo.size()) {
            memo.add(value);
        } else {
            sparseMemo.put(index, value);
        }
    }

    Value get(long index) {
        Value value = index < memo.size() ? memo.get((int) index) : sparseMemo.get(index);
        if (value == null) {
            throw wrong.apply("refers to the memo " + index + ", which it has not set");
        }
        return value;
    }
}
