package io.portolan.policy.compile;

import io.portolan.linux.nft.NftCounter;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.nft.DesiredTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.stream.Stream;

/** Chains of classes and of the policies in them, each there as long as a local pod needs it. */
final class ClassRegistry {
  private final DesiredTable table;
  private final SetRegistry sets;
  private final SetRegistry.Population population;
  private final Reporting reporting;
  private final ReportNames names = new ReportNames();
  private final Map<TrafficClass, Integer> uses = new HashMap<>();
  private final Map<Section, Active> active = new HashMap<>();

  /** By chain of a class. */
  private final Map<String, TrafficClass.Segment> segments = new HashMap<>();

  /** By chain, where its rules come from, in order. */
  private final Map<String, List<RuleOrigin>> rules = new HashMap<>();

  /** By name. */
  private final Map<String, Dispatched> dispatches = new HashMap<>();

  private final PortDispatch.Limits limits;

  ClassRegistry(
      DesiredTable table,
      SetRegistry sets,
      SetRegistry.Population population,
      Reporting reporting,
      PortDispatch.Limits limits) {
    this.limits = limits;
    this.reporting = reporting;
    this.table = table;
    this.sets = sets;
    this.population = population;
  }

  /** One direction of a policy, with the chain that its rules are part of, if they are. */
  private record Section(PolicyId policy, Direction direction, Optional<String> inside) {}

  private record Active(PolicyLowering.Lowered lowered, int uses) {}

  /** In a class's chain. */
  private record Dispatched(PortDispatch dispatch, String chain) {}

  /** Programs the class if it is the first use; the policies are those the class names. */
  void acquire(TrafficClass trafficClass, Map<PolicyId, Policy> policies) {
    if (uses.merge(trafficClass, 1, Integer::sum) > 1) {
      return;
    }
    for (TrafficClass.Use use : trafficClass.policies()) {
      Section section = new Section(use.policy(), trafficClass.direction(), use.inside());
      Active known = active.get(section);
      if (known == null) {
        Policy policy = Objects.requireNonNull(policies.get(use.policy()));
        active.put(section, program(policy, section, 1));
      } else {
        active.put(section, new Active(known.lowered(), known.uses() + 1));
      }
    }
    trafficClass
        .segments(reporting)
        .forEach((name, segment) -> {
          acquire(segment.verdicts());
          segments.put(name, segment);
          wide(segment).forEach(part -> dispatches.put(part.name(), dispatched(segment, part)));
          put(segment);
        });
  }

  void release(TrafficClass trafficClass) {
    if (uses.merge(trafficClass, -1, Integer::sum) > 0) {
      return;
    }
    uses.remove(trafficClass);
    trafficClass
        .segments(reporting)
        .forEach((name, segment) -> {
          table.removeChain(name);
          wide(segment)
              .forEach(part ->
                  Objects.requireNonNull(dispatches.remove(part.name())).dispatch().remove());
          segments.remove(name);
          rules.remove(name);
          release(segment.verdicts());
        });
    for (TrafficClass.Use use : trafficClass.policies()) {
      Section section = new Section(use.policy(), trafficClass.direction(), use.inside());
      Active known = Objects.requireNonNull(active.get(section));
      if (known.uses() > 1) {
        active.put(section, new Active(known.lowered(), known.uses() - 1));
      } else {
        active.remove(section);
        if (section.inside().isEmpty()) {
          table.removeChain(known.lowered().chain().name());
          rules.remove(known.lowered().chain().name());
        }
        known.lowered().sets().forEach(sets::release);
        release(known.lowered().verdicts());
      }
    }
  }

  /** What names in the kernel's reports stand for. */
  ReportNames names() {
    return names;
  }

  private void acquire(Verdicts verdicts) {
    verdicts
        .counters()
        .forEach((name, counted) -> {
          if (names.addCounter(name, counted)) {
            table.putCounter(NftCounter.of(name));
          }
        });
    verdicts.prefixes().forEach(names::addPrefix);
    verdicts
        .denials()
        .forEach((name, denial) -> {
          table.putChain(denial.image().chain(), denial.image().rules());
          rules.put(name, denial.origins());
        });
  }

  private void release(Verdicts verdicts) {
    verdicts
        .counters()
        .keySet()
        .forEach(name -> {
          if (names.removeCounter(name)) {
            table.removeCounter(name);
          }
        });
    verdicts.prefixes().keySet().forEach(names::removePrefix);
    verdicts.denials().keySet().forEach(this::removeDenial);
  }

  private void removeDenial(String chain) {
    table.removeChain(chain);
    rules.remove(chain);
  }

  /** What a rule is there for; empty where it is no class's and no policy's. */
  Optional<RuleOrigin> origin(String chain, int rule) {
    return Optional.ofNullable(rules.get(chain))
        .map(origins -> origins.get(rule))
        .or(() ->
            dispatches.values().stream()
                .filter(dispatched -> !dispatched.dispatch().behind(chain).isEmpty())
                .map(dispatched -> Objects.requireNonNull(segments.get(dispatched.chain())).end())
                .findFirst());
  }

  List<PolicyId> programmed() {
    return active.keySet().stream().map(Section::policy).distinct().sorted().toList();
  }

  /** The policies of a class, of a policy's chain, or those whose rules look into a set. */
  List<PolicyId> behind(String chainOrSet) {
    Stream<PolicyId> ofClasses =
        uses.keySet().stream()
            .filter(policyClass -> policyClass.segments(reporting).containsKey(chainOrSet))
            .flatMap(policyClass -> policyClass.policies().stream())
            .map(TrafficClass.Use::policy);
    Stream<PolicyId> ofPolicies =
        active.entrySet().stream()
            .filter(e -> e.getValue().lowered().consistsOf(chainOrSet))
            .map(e -> e.getKey().policy());
    Stream<PolicyId> ofDispatches =
        dispatches.values().stream()
            .flatMap(dispatched -> dispatched.dispatch().behind(chainOrSet).stream());
    return Stream.of(ofClasses, ofPolicies, ofDispatches)
        .flatMap(found -> found)
        .distinct()
        .sorted()
        .toList();
  }

  /** Gives a policy that is in use its new rules; classes stay as they are. */
  void edit(Policy policy) {
    List<Section> concerned =
        active.keySet().stream().filter(s -> s.policy().equals(policy.id())).toList();
    for (Section section : concerned) {
      Active known = Objects.requireNonNull(active.get(section));
      // New sets first: one that both versions use must not be emptied and filled again.
      Active edited = program(policy, section, known.uses());
      active.put(section, edited);
      known.lowered().sets().forEach(sets::release);
      release(known.lowered().verdicts());
      // Of the same name: both versions share it, and the present one stays.
      edited
          .lowered()
          .verdicts()
          .denials()
          .forEach((name, denial) -> {
            table.putChain(denial.image().chain(), denial.image().rules());
            rules.put(name, denial.origins());
          });
      section.inside().map(segments::get).ifPresent(this::put);
      if (section.inside().isEmpty()) {
        dispatchAnew(section, edited);
      }
    }
  }

  private void dispatchAnew(Section section, Active edited) {
    List<Dispatched> concerned =
        dispatches.values().stream()
            .filter(d -> d.dispatch().asks(section.policy(), section.direction()))
            .toList();
    for (Dispatched dispatched : concerned) {
      if (dispatched.dispatch().edit(section.policy(), ports(edited))) {
        put(Objects.requireNonNull(segments.get(dispatched.chain())));
      }
    }
  }

  private Dispatched dispatched(TrafficClass.Segment segment, TrafficClass.Part.Allowing part) {
    Direction direction = segment.direction();
    PortDispatch dispatch =
        new PortDispatch(
            table,
            limits,
            part.name(),
            direction,
            part.policies(),
            policy -> ports(Objects.requireNonNull(active.get(shared(policy, direction)))));
    return new Dispatched(dispatch, segment.chain().name());
  }

  private Optional<SortedSet<ServicePort>> ports(Active policy) {
    return ServicePort.of(policy.lowered(), limits.ports());
  }

  private static Section shared(PolicyId policy, Direction direction) {
    return new Section(policy, direction, Optional.empty());
  }

  /** Its parts with a dispatch. */
  private List<TrafficClass.Part.Allowing> wide(TrafficClass.Segment segment) {
    return segment.parts().stream()
        .filter(TrafficClass.Part.Allowing.class::isInstance)
        .map(TrafficClass.Part.Allowing.class::cast)
        .filter(part -> part.policies().size() >= limits.wide())
        .toList();
  }

  private Active program(Policy policy, Section section, int count) {
    PolicyLowering.Lowered lowered =
        PolicyLowering.lower(policy, section.direction(), section.inside(), reporting);
    lowered.sets().forEach(set -> sets.acquire(set, population));
    acquire(lowered.verdicts());
    if (section.inside().isEmpty()) {
      table.putChain(lowered.chain(), lowered.rules());
      rules.put(lowered.chain().name(), lowered.origins());
    }
    return new Active(lowered, count);
  }

  /** Gives a class's chain its rules and those of the policies inside. */
  private void put(TrafficClass.Segment segment) {
    List<NftRule> content = new ArrayList<>();
    List<RuleOrigin> origins = new ArrayList<>();
    String name = segment.chain().name();
    for (TrafficClass.Part part : segment.parts()) {
      switch (part) {
        case TrafficClass.Part.Own(NftRule rule) -> {
          origins.add(segment.origin(content.size()));
          content.add(rule);
        }
        case TrafficClass.Part.Allowing allowing -> {
          List<NftRule> asking = asking(allowing, segment.direction());
          content.addAll(asking);
          asking.forEach(_ -> origins.add(segment.end()));
        }
        case TrafficClass.Part.RulesOf(PolicyId policy) -> {
          Section section = new Section(policy, segment.direction(), Optional.of(name));
          PolicyLowering.Lowered lowered = Objects.requireNonNull(active.get(section)).lowered();
          content.addAll(lowered.rules());
          origins.addAll(lowered.origins());
        }
      }
    }
    table.putChain(segment.chain(), content);
    rules.put(name, List.copyOf(origins));
  }

  private List<NftRule> asking(TrafficClass.Part.Allowing part, Direction direction) {
    Dispatched dispatched = dispatches.get(part.name());
    return dispatched != null
        ? dispatched.dispatch().rules()
        : part.policies().stream()
            .map(policy -> Naming.policyChain(policy, direction, Optional.empty()))
            .map(chain -> NftRule.of(NftStatement.jump(chain)))
            .toList();
  }
}
