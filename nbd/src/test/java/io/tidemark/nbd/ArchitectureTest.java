package io.tidemark.nbd;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The packages of this module, from the listener down to the port: each knows only those below it. */
@AnalyzeClasses(packages = "io.tidemark.nbd", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule LAYERS = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("port")
            .definedBy("io.tidemark.nbd")
            .layer("protocol")
            .definedBy("io.tidemark.nbd.protocol")
            .layer("memory")
            .definedBy("io.tidemark.nbd.memory")
            .layer("transmission")
            .definedBy("io.tidemark.nbd.transmission")
            .layer("handshake")
            .definedBy("io.tidemark.nbd.handshake")
            .layer("server")
            .definedBy("io.tidemark.nbd.server")
            .layer("client")
            .definedBy("io.tidemark.nbd.client")
            .whereLayer("client")
            .mayNotBeAccessedByAnyLayer()
            .layer("transport")
            .definedBy("io.tidemark.nbd.transport")
            .whereLayer("server")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("transport")
            .mayOnlyBeAccessedByLayers("server", "client")
            .whereLayer("handshake")
            .mayOnlyBeAccessedByLayers("server")
            .whereLayer("transmission")
            .mayOnlyBeAccessedByLayers("handshake", "server")
            .whereLayer("memory")
            .mayOnlyBeAccessedByLayers("transmission", "handshake", "server")
            .whereLayer("protocol")
            .mayOnlyBeAccessedByLayers("transmission", "handshake", "client");

    @ArchTest
    static final ArchRule PORT_IS_ALMOST_FREE_OF_NETTY = noClasses()
            .that()
            .resideInAPackage("io.tidemark.nbd")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty.buffer..", "io.netty.handler..");

    @ArchTest
    static final ArchRule NO_CLOCK_OF_ITS_OWN = noClasses()
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(java.util.Random.class);
}
