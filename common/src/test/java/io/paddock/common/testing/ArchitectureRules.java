package io.paddock.common.testing;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** Who may use whom, with the reason. Every module runs these over its own classes. */
public final class ArchitectureRules {
    /** A component and the other components it may use; all others it meets on the wire only. */
    private static final Map<String, Set<String>> COMPONENTS = Map.of(
            "io.paddock.master", Set.of(),
            "io.paddock.executor", Set.of(),
            "io.paddock.agent", Set.of("io.paddock.executor"),
            "io.paddock.client", Set.of(),
            "io.paddock.marathon", Set.of("io.paddock.client"),
            "io.paddock.batch", Set.of("io.paddock.client"),
            "io.paddock.cli", Set.of("io.paddock.client"));

    private static final ArchRule CORES_ARE_PURE = classes()
            .that()
            .resideInAPackage("..core..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "java.lang..",
                    "java.util..",
                    "java.time..",
                    "java.math..",
                    "java.nio.charset..",
                    "java.text..",
                    "com.google.protobuf..",
                    "com.google.re2j..",
                    "org.jspecify..",
                    "io.paddock.common..",
                    "io.paddock.proto..",
                    "io.paddock..core.."))
            .because("a core decides the same way in production and in the simulation: it sees values only, never "
                    + "Pekko, ZooKeeper, Jackson, files or sockets. Emit an effect and let the shell do it")
            .allowEmptyShould(true);

    private static final ArchRule CORES_READ_NO_CLOCK_OR_CHANCE = noClasses()
            .that()
            .resideInAPackage("..core..")
            .should()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(
                    Random.class,
                    java.security.SecureRandom.class,
                    java.util.concurrent.ThreadLocalRandom.class,
                    java.time.Clock.class,
                    Thread.class,
                    java.util.Timer.class)
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent..")
            .because("time, ids and randomness come in with events, or one seed would not replay a run")
            .allowEmptyShould(true);

    private static final ArchRule HTTP_KNOWS_NO_ZOOKEEPER = noClasses()
            .that()
            .resideInAPackage("..server.http..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.curator..", "org.apache.zookeeper..")
            .because("a request is answered from the component's own read model, never from the store")
            .allowEmptyShould(true);

    private static final ArchRule REGISTRY_KNOWS_NO_HTTP = noClasses()
            .that()
            .resideInAnyPackage("..server.registry..", "io.paddock.platform.zookeeper..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.pekko.http..")
            .because("the store must not know who asks")
            .allowEmptyShould(true);

    private ArchitectureRules() {}

    /** Checks all rules over the production classes below a package; of others they ask no more than the names. */
    public static void check(String rootPackage) {
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(rootPackage);
        List.of(CORES_ARE_PURE, CORES_READ_NO_CLOCK_OR_CHANCE, HTTP_KNOWS_NO_ZOOKEEPER, REGISTRY_KNOWS_NO_HTTP)
                .forEach(rule -> rule.check(classes));
        COMPONENTS.forEach((component, allowed) -> {
            if (component.equals(rootPackage)) {
                meetsOthersOnTheWire(component, allowed).check(classes);
            }
        });
    }

    private static ArchRule meetsOthersOnTheWire(String component, Set<String> allowed) {
        String[] others = COMPONENTS.keySet().stream()
                .filter(other -> !other.equals(component) && !allowed.contains(other))
                .map(other -> other + "..")
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(component + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .because("components meet on the wire only, so that their versions may differ")
                .allowEmptyShould(true);
    }
}
