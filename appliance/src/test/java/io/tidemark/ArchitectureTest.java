package io.tidemark;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.Executors;

/** The directions between packages, and what each may see. */
@AnalyzeClasses(
        packages = "io.tidemark",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
final class ArchitectureTest {

    /** The tests of the other modules come as jars. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String[] DATA_PATH = {
        "io.tidemark.intake..",
        "io.tidemark.ship..",
        "io.tidemark.replica..",
        "io.tidemark.volume..",
        "io.tidemark.link..",
        "io.tidemark.failover..",
        "io.tidemark.journal..",
        "io.tidemark.nbd..",
        "io.tidemark.vm..",
        "io.tidemark.state..",
        "io.tidemark.events..",
        "io.tidemark.resync..",
        "io.tidemark.mend..",
        "io.tidemark.access..",
        "io.tidemark.target..",
        "io.tidemark.term.."
    };

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.tidemark.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule protocolAndJournalNeverMeet = noClasses()
            .that()
            .resideInAPackage("io.tidemark.nbd..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.tidemark.journal..");

    @ArchTest
    static final ArchRule journalKnowsNoNetwork = noClasses()
            .that()
            .resideInAPackage("io.tidemark.journal..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.tidemark.nbd..", "io.tidemark.link..", "io.netty..");

    @ArchTest
    static final ArchRule shippingAndReplicaNeverMeet = noClasses()
            .that()
            .resideInAPackage("io.tidemark.ship..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.tidemark.replica..")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("io.tidemark.intake..");

    @ArchTest
    static final ArchRule linkKnowsNobodyAbove = noClasses()
            .that()
            .resideInAPackage("io.tidemark.link..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.tidemark.ship..", "io.tidemark.replica..", "io.tidemark.intake..", "io.tidemark.volume..");

    @ArchTest
    static final ArchRule fewSeeFailover = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.tidemark.failover..",
                    "io.tidemark.appliance..",
                    "io.tidemark.api..",
                    "io.tidemark.metrics..",
                    "io.tidemark.boot..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.tidemark.failover..");

    @ArchTest
    static final ArchRule nobodySeesBoot = noClasses()
            .that()
            .resideOutsideOfPackage("io.tidemark.boot..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.tidemark.boot..");

    @ArchTest
    static final ArchRule dataPathKnowsNoFramework = noClasses()
            .that()
            .resideInAnyPackage(DATA_PATH)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "jakarta..", "io.smallrye..", "io.micrometer..", "org.eclipse..");

    /** A command runs in a process without an appliance. */
    @ArchTest
    static final ArchRule commandsStandAlone = noClasses()
            .that()
            .resideInAPackage("io.tidemark.cli..")
            .should()
            .dependOnClassesThat(are(resideInAPackage("io.tidemark.."))
                    .and(not(resideInAnyPackage(
                            "io.tidemark.cli..", "io.tidemark.access..", "io.tidemark.journal.dump.."))));

    @ArchTest
    static final ArchRule onlyCommandsSeePicocli = noClasses()
            .that()
            .resideOutsideOfPackage("io.tidemark.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("picocli..", "me.tongfei..");

    @ArchTest
    static final ArchRule onlyMetricsSeeMicrometer = noClasses()
            .that()
            .resideOutsideOfPackages("io.tidemark.metrics..", "io.tidemark.boot..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.micrometer..");

    @ArchTest
    static final ArchRule frameworkStaysOutside = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.tidemark.api..", "io.tidemark.console..", "io.tidemark.config..", "io.tidemark.boot..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "jakarta..", "io.smallrye..");

    /** Its pages show and do what REST does, by the same way. */
    @ArchTest
    static final ArchRule consoleIsAnotherFaceOfRest = noClasses()
            .that()
            .resideInAPackage("io.tidemark.console..")
            .should()
            .dependOnClassesThat(are(resideInAPackage("io.tidemark.."))
                    .and(not(resideInAnyPackage(
                            "io.tidemark.console..",
                            "io.tidemark.api..",
                            "io.tidemark.access..",
                            "io.tidemark.events..",
                            "io.tidemark.metrics.."))));

    /** Each form bears a proof that it was made for the browser that sends it. */
    @ArchTest
    static final ArchRule formsAreProved = methods()
            .that()
            .areAnnotatedWith(POST.class)
            .and()
            .areDeclaredInClassesThat()
            .resideInAPackage("io.tidemark.console..")
            .should(new ArchCondition<>("require a proof") {
                @Override
                public void check(JavaMethod method, ConditionEvents events) {
                    boolean proved = method.getMethodCallsFromSelf().stream()
                            .anyMatch(call ->
                                    call.getTargetOwner().getSimpleName().equals("Browser")
                                            && call.getName().equals("require"));
                    events.add(new SimpleConditionEvent(method, proved, method.getFullName()));
                }
            });

    @ArchTest
    static final ArchRule onlyProtocolsSeeNetty = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.tidemark.nbd..", "io.tidemark.link..", "io.tidemark.intake..", "io.tidemark.boot..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    @ArchTest
    static final ArchRule onlyOnePackageSeesChronicle = noClasses()
            .that()
            .resideOutsideOfPackage("io.tidemark.journal.chronicle..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("net.openhft..");

    @ArchTest
    static final ArchRule onlyVolumeTouchesVolumes = noClasses()
            .that()
            .resideOutsideOfPackages("io.tidemark.volume..", "io.tidemark.failover..")
            .should()
            .dependOnClassesThat(are(resideInAPackage("io.tidemark.volume.."))
                    .and(com.tngtech.archunit.base.DescribedPredicate.describe(
                            "is the file of a volume",
                            type -> type.getSimpleName().equals("FileVolume")
                                    || type.getSimpleName().equals("SparseFile"))));

    @ArchTest
    static final ArchRule onlyBootLooksAtTheClock = noClasses()
            .that()
            .resideOutsideOfPackage("io.tidemark.boot..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callMethod(InstantSource.class, "system");

    @ArchTest
    static final ArchRule onlyBootMakesThreadsAndRandomness = noClasses()
            .that()
            .resideOutsideOfPackage("io.tidemark.boot..")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Executors.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.Builder.class)
            .orShould()
            .callConstructor(Random.class)
            .orShould()
            .callConstructor(Thread.class, Runnable.class)
            .orShould()
            .callConstructor(Thread.class, Runnable.class, String.class);

    /** What only looks has the role of its class. */
    @ArchTest
    static final ArchRule whatChangesSomethingSaysWhoMay = methods()
            .that()
            .areAnnotatedWith(PUT.class)
            .or()
            .areAnnotatedWith(POST.class)
            .or()
            .areAnnotatedWith(DELETE.class)
            .should()
            .beAnnotatedWith(RolesAllowed.class)
            .orShould()
            .beDeclaredIn("io.tidemark.console.SignIn"); // where nobody is known yet

    @ArchTest
    static final ArchRule namesSayWhatThingsAre = noClasses()
            .should()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameStartingWith("Base");

    @ArchTest
    static final ArchRule errorsGoThroughTheLog = // but what a person asked for on the command line is printed
            noClasses()
                    .that()
                    .doNotHaveFullyQualifiedName("io.tidemark.boot.Main")
                    .should()
                    .accessField(System.class, "out")
                    .orShould()
                    .accessField(System.class, "err");

    @ArchTest
    static final ArchRule packagesHaveAJob = classes()
            .that(are(resideInAnyPackage("io.tidemark..")))
            .should()
            .resideInAnyPackage(
                    "io.tidemark.nbd..",
                    "io.tidemark.journal..",
                    "io.tidemark.intake..",
                    "io.tidemark.resync..",
                    "io.tidemark.mend..",
                    "io.tidemark.ship..",
                    "io.tidemark.link..",
                    "io.tidemark.target..",
                    "io.tidemark.replica..",
                    "io.tidemark.volume..",
                    "io.tidemark.failover..",
                    "io.tidemark.vm..",
                    "io.tidemark.state..",
                    "io.tidemark.term..",
                    "io.tidemark.events..",
                    "io.tidemark.access..",
                    "io.tidemark.appliance..",
                    "io.tidemark.api..",
                    "io.tidemark.metrics..",
                    "io.tidemark.console..",
                    "io.tidemark.cli..",
                    "io.tidemark.config..",
                    "io.tidemark.boot..");
}
