package dev.stockpot.faults;

/**
 * A change of a file that another program makes during a run.
 *
 * @param file as {@link RunFolder#fill} takes it
 */
record FileChange(Kind kind, String file) {
    /** Changes; {@code $1} is the file, {@code $2} another checkpoint with the same tensors. */
    enum Kind {
        TRUNCATED("is cut", "truncate -s 1000 \"$1\""),
        EMPTIED("is emptied", ": > \"$1\""),
        REPLACED("is replaced", "cp \"$2\" \"$1.new\" && mv \"$1.new\" \"$1\""),
        REWRITTEN("is rewritten in place", "cat \"$2\" > \"$1\""),
        APPENDED("grows", "echo more >> \"$1\""),
        TOUCHED("is touched", "touch \"$1\""),
        DELETED("is deleted", "rm \"$1\""),
        PIPE("becomes a pipe", "rm \"$1\" && mkfifo \"$1\""),
        FOLDER("becomes a folder", "rm \"$1\" && mkdir \"$1\""),
        LINK("becomes a link", "ln -sf \"$2\" \"$1\""),
        LOOP("becomes a loop of links", "rm \"$1\" && ln -s \"$1\" \"$1\""),
        APPEARS("appears at the output", "test -e \"$1\" || cp \"$2\" \"$1\""),
        GONE("is deleted with its folder", "rm -rf \"${1%/*}\"");

        private final String said;
        private final String script;

        Kind(String said, String script) {
            this.said = said;
            this.script = script;
        }

        String said() {
            return said;
        }

        boolean isOfOutput() {
            return this == APPEARS || this == GONE;
        }
    }

    String text() {
        return kind.name() + " " + file;
    }

    /** Whether the file is another checkpoint afterwards. */
    boolean givesOther() {
        return kind == Kind.REPLACED || kind == Kind.REWRITTEN || kind == Kind.LINK;
    }

    /** For a shell. */
    String command() {
        return "set -- '" + file + "' '{in}/other'; " + kind.script;
    }
}
