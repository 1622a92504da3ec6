package dev.stockpot;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Set;
import java.util.TreeSet;

/** Tests which packages may depend on which. */
@AnalyzeClasses(packages = "dev.stockpot", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static void everyRoomUsesJustTheRoomsThatItsLineNames(JavaClasses classes) throws IOException {
        Set<String> used = new TreeSet<>();
        for (JavaClass type : classes) {
            String room = type.getPackageName();
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                String target =
                        dependency.getTargetClass().getBaseComponentType().getPackageName();
                if (target.startsWith("dev.stockpot") && !target.equals(room)) {
                    used.add(room + " uses " + target);
                }
            }
        }
        Set<String> written = new TreeSet<>();
        Rooms.read().uses().forEach((room, uses) -> uses.forEach(target -> written.add(room + " uses " + target)));
        assertEquals(Set.of(), without(used, written), "not in docs/rooms.txt");
        assertEquals(Set.of(), without(written, used), "only in docs/rooms.txt");
    }

    private static Set<String> without(Set<String> all, Set<String> some) {
        Set<String> others = new TreeSet<>(all);
        others.removeAll(some);
        return others;
    }

    @ArchTest
    static void threeTypesOfCudaAreForOtherRooms(JavaClasses classes) {
        Set<String> types = new TreeSet<>();
        for (JavaClass type : classes) {
            if (!type.getPackageName().equals("dev.stockpot.kernel.cuda")) {
                type.getDirectDependenciesFromSelf().stream()
                        .map(Dependency::getTargetClass)
                        .filter(target -> target.getPackageName().equals("dev.stockpot.kernel.cuda"))
                        .forEach(target -> types.add(target.getSimpleName()));
            }
        }
        assertEquals(Set.of("CudaKernels", "CudaOptions", "CudaCheck"), types);
    }

    @ArchTest
    static void onlyMemoryKernelAndTorchScriptSeeJavaCpp(JavaClasses classes) {
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

    /** In some languages the digits are others, and names and reports would be too. */
    @ArchTest
    static void numbersAreWrittenAlikeInEveryLanguage(JavaClasses classes) {
        noClasses()
                .should()
                .callMethod(String.class, "format", String.class, Object[].class)
                .orShould()
                .callMethod(String.class, "formatted", Object[].class)
                .orShould()
                .callMethod(PrintWriter.class, "printf", String.class, Object[].class)
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
}
