package io.portolan.cli;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.jspecify.annotations.NullMarked;

/** Holds for classes whose package has a {@code package-info} that is {@link NullMarked}. */
final class InDescribedPackage extends ArchCondition<JavaClass> {
  InDescribedPackage() {
    super("be in a null-marked package with a package-info");
  }

  @Override
  public void check(JavaClass type, ConditionEvents events) {
    boolean described =
        type.getPackage()
            .tryGetPackageInfo()
            .map(info -> info.isAnnotatedWith(NullMarked.class))
            .orElse(false);
    if (!described) {
      events.add(
          SimpleConditionEvent.violated(
              type, type.getPackageName() + " has no null-marked package-info.java"));
    }
  }
}
