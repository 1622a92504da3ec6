package dev.stockpot.evaluate.worker;

import dev.stockpot.evaluate.worker.WorkerProtocol.Reply;
import dev.stockpot.fuzz.FuzzTarget;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;

/** What a worker writes to its stdout. */
public final class FramesFuzz implements FuzzTarget {
    @Override
    public void run(byte[] input) throws IOException {
        ByteArrayInputStream stdout = new ByteArrayInputStream(input);
        Frames frames = new Frames(stdout);
        try {
            while (true) {
                Reply reply = frames.next();
                if (!Reply.parseFrom(reply.toByteArray()).equals(reply)) {
                    throw new AssertionError("written again, it is another reply: " + reply);
                }
            }
        } catch (EOFException | Frames.MalformedFrameException e) {
            // The end, or something that is not a reply.
        }
    }
}
