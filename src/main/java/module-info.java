/**
 * Model soups: the weights of many fine-tuned checkpoints averaged into one model. Start at {@link dev.stockpot.Stockpot}.
 *
 * <p>Exported is the API alone. The static requirements are optional: a program that uses what needs them puts them on the
 * module path and adds them by {@code --add-modules}; docs/dependencies.md says which.
 */
module dev.stockpot {
    requires com.fasterxml.jackson.core;
    requires com.google.protobuf;
    requires commons.math3;
    requires jdk.unsupported; // ExtendedOpenOption.DIRECT
    requires org.bytedeco.javacpp;
    requires static transitive org.jspecify;
    requires static org.bytedeco.cuda;
    requires static org.bytedeco.pytorch;
    requires static info.picocli;
    requires static me.tongfei.progressbar;

    exports dev.stockpot;
    exports dev.stockpot.checkpoint;
    exports dev.stockpot.diagnose;
    exports dev.stockpot.error;
    exports dev.stockpot.evaluate;
    exports dev.stockpot.run;
    exports dev.stockpot.soup;
    exports dev.stockpot.soup.options;
    exports dev.stockpot.tensor;

    // Their options are fields that picocli sets.
    opens dev.stockpot.cli to
            info.picocli;
    opens dev.stockpot.cli.options to
            info.picocli;
}
