package io.portolan.sim.ec2.action;

import io.portolan.sim.ec2.model.Attachment;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Instance;
import io.portolan.sim.ec2.model.InstanceType;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceKind;
import io.portolan.sim.ec2.model.Transition;
import java.util.List;
import java.util.Optional;

/**
 * The conditions on which an instance takes an interface, for launches and for later attachments.
 */
final class Attaching {
  private Attaching() {}

  /**
   * The state in which the interface is attaching, and will be attached by itself.
   *
   * @param card empty for the instance type's default card
   */
  static Ec2State attach(
      Turn turn,
      Ec2State state,
      NetworkInterface networkInterface,
      Instance instance,
      int deviceIndex,
      Optional<Integer> card,
      boolean deleteOnTermination) {
    InstanceType type = turn.place().types().of(instance);
    int cardIndex = card.orElse(type.defaultCard());
    requireFree(state, networkInterface, instance, type, deviceIndex, cardIndex);
    requireWithinLimits(networkInterface, type);
    Attachment attachment =
        new Attachment(
            turn.newId(ResourceKind.ATTACHMENT),
            instance.id(),
            deviceIndex,
            cardIndex,
            deleteOnTermination,
            turn.now(),
            Attachment.Phase.ATTACHING);
    return state
        .with(networkInterface.with(Optional.of(attachment)))
        .later(turn.now(), turn.conduct().attach(), attachment.id(), Transition.Kind.ATTACHED);
  }

  private static void requireFree(
      Ec2State state,
      NetworkInterface networkInterface,
      Instance instance,
      InstanceType type,
      int deviceIndex,
      int cardIndex) {
    if (networkInterface.attachment().isPresent()) {
      throw Refusals.interfaceInUse(networkInterface.id());
    }
    if (!networkInterface.zone().equals(instance.zone())) {
      throw Refusals.combination(
          "You may not attach a network interface to an instance if they are not in the same"
              + " availability zone");
    }
    if (!networkInterface.vpc().equals(instance.vpc())) {
      throw Refusals.combination(
          "You may not attach a network interface to an instance if they are not in the same VPC");
    }
    if (cardIndex >= type.interfacesPerCard().size()) {
      throw Refusals.invalid(
          "Network card index " + cardIndex + " exceeds the limit for " + type.name());
    }
    // Interfaces that are still detaching keep their place.
    List<Attachment> onCard =
        state.interfacesOf(instance.id()).stream()
            .flatMap(i -> i.attachment().stream())
            .filter(a -> a.cardIndex() == cardIndex)
            .toList();
    if (onCard.stream().anyMatch(a -> a.deviceIndex() == deviceIndex)) {
      throw Refusals.deviceIndexInUse(instance.id(), deviceIndex);
    }
    if (onCard.size() >= type.interfacesPerCard().get(cardIndex)) {
      throw Refusals.attachmentLimit(onCard.size() + 1, type);
    }
  }

  private static void requireWithinLimits(NetworkInterface networkInterface, InstanceType type) {
    var addresses = networkInterface.addresses();
    boolean prefixes = !addresses.prefixes().isEmpty() || !addresses.ipv6Prefixes().isEmpty();
    if (prefixes && !type.takesPrefixes()) {
      throw Refusals.prefixesUnsupported(type);
    }
    if (addresses.slots() > type.ipv4PerInterface()
        || addresses.ipv6Slots() > type.ipv6PerInterface()) {
      throw Refusals.interfaceAddressLimit(networkInterface.id(), type);
    }
  }
}
