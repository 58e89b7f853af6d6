package io.portolan.sim.ec2.model;

import java.util.List;
import java.util.Optional;

/**
 * Which interfaces belong to an instance and which has an attachment, without searching all of
 * them: a world of thousands of nodes asks this several times a call.
 */
public record AttachmentIndex(
    PersistentMap<Seat, ResourceId> byInstance, PersistentMap<ResourceId, ResourceId> byId) {
  /** That an interface belongs to an instance. */
  public record Seat(ResourceId instance, ResourceId networkInterface) implements Comparable<Seat> {
    @Override
    public int compareTo(Seat other) {
      int order = instance.compareTo(other.instance);
      return order != 0 ? order : networkInterface.compareTo(other.networkInterface);
    }
  }

  static final AttachmentIndex EMPTY =
      new AttachmentIndex(PersistentMap.empty(), PersistentMap.empty());

  List<ResourceId> interfacesOf(ResourceId instance) {
    return byInstance.range(seat -> seat.instance.compareTo(instance));
  }

  Optional<ResourceId> interfaceOf(ResourceId attachment) {
    return byId.get(attachment);
  }

  /** The index after a thing was put in place of another, or of nothing, or was taken away. */
  AttachmentIndex replacing(Optional<Resource> before, Optional<Resource> after) {
    AttachmentIndex index = this;
    if (before.orElse(null) instanceof NetworkInterface i && i.attachment().isPresent()) {
      Attachment a = i.attachment().get();
      index =
          new AttachmentIndex(
              index.byInstance.without(new Seat(a.instance(), i.id())), index.byId.without(a.id()));
    }
    if (after.orElse(null) instanceof NetworkInterface i && i.attachment().isPresent()) {
      Attachment a = i.attachment().get();
      index =
          new AttachmentIndex(
              index.byInstance.with(new Seat(a.instance(), i.id()), i.id()),
              index.byId.with(a.id(), i.id()));
    }
    return index;
  }
}
