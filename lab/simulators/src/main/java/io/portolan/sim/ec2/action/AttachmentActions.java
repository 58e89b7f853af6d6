package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.leaf;

import io.portolan.sim.ec2.model.Attachment;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Instance;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import io.portolan.sim.ec2.model.Transition;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Attaching interfaces to running instances, and detaching them. */
final class AttachmentActions {
  static final Map<String, Action> ALL =
      Map.of(
          "AttachNetworkInterface", AttachmentActions::attach,
          "DetachNetworkInterface", AttachmentActions::detach);

  private AttachmentActions() {}

  private static Outcome attach(Query query, Turn turn) {
    Ec2State state = turn.state();
    NetworkInterface networkInterface =
        state.networkInterface(
            query.requiredId("NetworkInterfaceId", ResourceKind.NETWORK_INTERFACE));
    Instance instance = state.instance(query.requiredId("InstanceId", ResourceKind.INSTANCE));
    int index =
        query.integer("DeviceIndex", 0, 255).orElseThrow(() -> Refusals.missing("DeviceIndex"));
    OptionalInt card = query.integer("NetworkCardIndex", 0, 255);
    query.accept("EnaSrdSpecification", "EnaQueueCount");
    if (!instance.isAlive()) {
      throw Refusals.incorrectState(
          "Instance '" + instance.id() + "' is in the '" + instance.state().text() + "' state.");
    }
    Ec2State after =
        Attaching.attach(
            turn,
            state,
            networkInterface,
            instance,
            index,
            card.isPresent() ? Optional.of(card.getAsInt()) : Optional.empty(),
            // An interface made on its own outlives the instance unless told otherwise.
            false);
    Attachment attachment =
        after.networkInterface(networkInterface.id()).attachment().orElseThrow();
    return Outcome.of(
        after,
        leaf("attachmentId", attachment.id()),
        leaf("networkCardIndex", attachment.cardIndex()));
  }

  private static Outcome detach(Query query, Turn turn) {
    ResourceId id = query.requiredId("AttachmentId", ResourceKind.ATTACHMENT);
    boolean force = query.flag("Force");
    NetworkInterface networkInterface =
        turn.state().interfaceByAttachment(id).orElseThrow(() -> Refusals.notFound(id));
    Attachment attachment = networkInterface.attachment().orElseThrow();
    if (attachment.isPrimary()) {
      throw Refusals.notPermitted(
          "The network interface at device index 0 and networkCard index 0 cannot be detached.");
    }
    if (force) {
      return Outcome.done(turn.state().with(networkInterface.with(Optional.empty())));
    }
    if (attachment.phase() == Attachment.Phase.DETACHING) {
      throw Refusals.incorrectState("Attachment '" + id + "' is already detaching.");
    }
    return Outcome.done(
        turn.state()
            .with(networkInterface.with(Optional.of(attachment.with(Attachment.Phase.DETACHING))))
            .later(turn.now(), turn.conduct().detach(), id, Transition.Kind.DETACHED));
  }
}
