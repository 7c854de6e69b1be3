package io.paddock.master;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.paddock.common.testing.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void followsTheImportRules() {
        ArchitectureRules.check("io.paddock.master");
    }

    @Test
    void regularExpressionsOfStrangersAreForOnePackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.paddock.master.core.constraints..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.google.re2j..")
                .because(
                        "a core is values and the JDK; this one library is pure too, and java.util.regex could be made to"
                                + " run for ever by a framework's constraints")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.paddock.master"));
    }

    @Test
    void theAllocatorIsALibraryOfItsOwn() {
        classes()
                .that()
                .resideInAPackage("io.paddock.master.core.allocator..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "java.lang..",
                        "java.util..",
                        "java.time..",
                        "org.jspecify..",
                        "io.paddock.common..",
                        "io.paddock.master.core.allocator.."))
                .because("it is benchmarked and tested alone, and works on numbers, not on messages")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.paddock.master"));
    }
}
