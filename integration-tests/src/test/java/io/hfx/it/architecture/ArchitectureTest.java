package io.hfx.it.architecture;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The rules that hold the architecture up; see docs/architecture.md. */
class ArchitectureTest {
    private static final JavaClasses ALL =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.hfx");

    private static final String[] CORE = {"io.hfx.scheduler..", "io.hfx.pd..", "io.hfx.scaler.."};

    @Test
    void theCoreKnowsNothingButTheJdkAndItself() {
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "io.hfx.scheduler..",
                        "io.hfx.pd..",
                        "io.hfx.scaler..",
                        "java.lang..",
                        "java.util..",
                        "org.jspecify..")
                .check(ALL);
    }

    @Test
    void theCoreReadsNoClockMakesNoThreadAndDoesNoIo() {
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .callMethodWhere(
                        target(owner(assignableTo(System.class)))
                                .and(target(nameMatching("nanoTime|currentTimeMillis"))))
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent..", "java.io..", "java.nio..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .check(ALL);
    }

    @Test
    void theCoreIsPlacedOneWay() {
        noClasses()
                .that()
                .resideInAPackage("io.hfx.scheduler..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.hfx.pd..", "io.hfx.scaler..")
                .check(ALL);
    }

    @Test
    void theEngineAndTheTransfersKnowNoneOfTheOthers() {
        noClasses()
                .that()
                .resideInAnyPackage("io.hfx.engine..", "io.hfx.d2d..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.hfx.scheduler..",
                        "io.hfx.plugin..",
                        "io.hfx.simulator..",
                        "io.hfx.cli..")
                .check(ALL);
    }

    @Test
    void djlServingAndMicrometerStopAtThePlugin() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.hfx.plugin..", "io.hfx.bootstrap..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.djl.serving..", "io.micrometer..")
                .check(ALL);
    }

    /**
     * The load generator is a network client, and the bootstrap has Netty in the signature that the
     * server asks for; nothing else beside the plugin may know it.
     */
    @Test
    void nettyStopsAtThePluginAndTheLoadGenerator() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.hfx.plugin..", "io.hfx.bootstrap..", "io.hfx.cli.bench..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(ALL);
    }

    @Test
    void packagesOfAModuleHaveNoCycles() {
        for (String module : new String[] {"scheduler", "engine", "plugin", "simulator"}) {
            slices().matching("io.hfx." + module + ".(**)").should().beFreeOfCycles().check(ALL);
        }
    }

    @Test
    void chanceComesFromASeed() {
        noClasses()
                .should()
                .callConstructor(Random.class)
                .orShould()
                .callConstructor(SplittableRandom.class)
                .orShould()
                .callMethod(Math.class, "random")
                .check(ALL);
    }

    @Test
    void nativeMethodsLiveWithTheDevices() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .resideOutsideOfPackage("io.hfx.d2d..")
                .should()
                .notHaveModifier(JavaModifier.NATIVE)
                .check(ALL);
    }

    @Test
    void numbersSayTheirUnit() {
        fields().that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(CORE)
                .and()
                .haveRawType(long.class)
                .should()
                .haveNameNotMatching("(?i).*(delay|deadline|timeout|latency|interval|age|duration)")
                .check(ALL);
    }
}
