package dev.stockpot;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;

@AnalyzeClasses(packages = "dev.stockpot", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static void dataFlowsOneWay(JavaClasses classes) {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("cli")
                .definedBy("dev.stockpot.cli..")
                .layer("report")
                .definedBy("dev.stockpot.report..")
                .layer("api")
                .definedBy("dev.stockpot")
                .layer("bench")
                .definedBy("dev.stockpot.bench..")
                .layer("generate")
                .definedBy("dev.stockpot.generate..")
                .layer("demo")
                .definedBy("dev.stockpot.demo..")
                .layer("soup")
                .definedBy("dev.stockpot.soup..")
                .layer("engine")
                .definedBy("dev.stockpot.engine..")
                .layer("kernel")
                .definedBy("dev.stockpot.kernel..")
                .layer("evaluate")
                .definedBy("dev.stockpot.evaluate..")
                .layer("checkpoint")
                .definedBy("dev.stockpot.checkpoint..")
                .layer("error")
                .definedBy("dev.stockpot.error..")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("report")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("api")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("demo")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("bench")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("generate")
                .mayOnlyBeAccessedByLayers("bench", "cli")
                .whereLayer("soup")
                .mayOnlyBeAccessedByLayers("bench", "demo", "report", "api", "cli")
                .whereLayer("engine")
                .mayOnlyBeAccessedByLayers("generate", "bench", "demo", "soup", "report", "api", "cli")
                .whereLayer("evaluate")
                .mayOnlyBeAccessedByLayers("bench", "demo", "soup", "report", "api", "cli")
                .whereLayer("evaluate")
                .mayOnlyAccessLayers("checkpoint", "error")
                .whereLayer("checkpoint")
                .mayOnlyAccessLayers("error")
                .check(classes);
    }

    @ArchTest
    static void onlyKernelAndTorchScriptSeeJavaCpp(JavaClasses classes) {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.stockpot.kernel..", "dev.stockpot.memory..", "dev.stockpot.evaluate.torchscript..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(classes);
    }

    @ArchTest
    static void onlyTheCommandPrintsOrExits(JavaClasses classes) {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.stockpot.cli..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(classes);
    }

    @ArchTest
    static void theLibraryNeedsNothingOfTheCommand(JavaClasses classes) {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.stockpot.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "me.tongfei..")
                .check(classes);
    }

    @ArchTest
    static void onlyTheWorkerEvaluatorAndTensorBoardSeeProtocolBuffers(JavaClasses classes) {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.stockpot.evaluate.worker..", "dev.stockpot.report.tensorboard..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.google.protobuf..")
                .check(classes);
    }

    @ArchTest
    static void theWorkerEvaluatorKnowsEvaluatorsAndCheckpointsAlone(JavaClasses classes) {
        noClasses()
                .that()
                .resideInAPackage("dev.stockpot.evaluate.worker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.stockpot",
                        "dev.stockpot.cli..",
                        "dev.stockpot.soup..",
                        "dev.stockpot.engine..",
                        "dev.stockpot.kernel..")
                .check(classes);
    }
}
