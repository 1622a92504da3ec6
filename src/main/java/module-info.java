/**
 * Model soups: the weights of many fine-tuned checkpoints averaged into one model. Start at {@link dev.stockpot.Stockpot}.
 *
 * <p>Only the API is exported. The static requirements are optional: a program that uses a feature that needs one puts it on
 * the module path and adds it with {@code --add-modules}; docs/dependencies.md lists which.
 */
module dev.stockpot {
    requires com.fasterxml.jackson.core;
    requires com.google.protobuf;
    requires commons.math3;
    requires jdk.unsupported; // ExtendedOpenOption.DIRECT
    requires org.bytedeco.javacpp;
    requires static transitive org.jspecify;
    requires static com.microsoft.onnxruntime;
    requires static org.bytedeco.cuda;
    requires static org.bytedeco.pytorch;
    requires static info.picocli;
    requires static me.tongfei.progressbar;
    requires static org.yaml.snakeyaml;

    exports dev.stockpot;
    exports dev.stockpot.checkpoint;
    exports dev.stockpot.diagnose;
    exports dev.stockpot.error;
    exports dev.stockpot.evaluate;
    exports dev.stockpot.formula;
    exports dev.stockpot.merge;
    exports dev.stockpot.recipe;
    exports dev.stockpot.run;
    exports dev.stockpot.soup;
    exports dev.stockpot.soup.options;
    exports dev.stockpot.tensor;

    // picocli sets the fields of their options.
    opens dev.stockpot.cli to
            info.picocli;
    opens dev.stockpot.cli.options to
            info.picocli;
}
