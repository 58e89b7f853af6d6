package io.portolan.common.cloud;

import java.util.Optional;

/**
 * The bond between an interface and a machine.
 *
 * @param id the cloud's identifier of the bond; empty where the cloud has none
 * @param networkCard which network card of the machine; 0 on most
 * @param deviceIndex the place on the card; 0 is the interface the machine was born with
 * @param deletedWithMachine whether the cloud deletes the interface when the machine is terminated
 */
public record Attachment(
    Optional<AttachmentId> id,
    InstanceId instance,
    int networkCard,
    int deviceIndex,
    boolean deletedWithMachine) {
  public Attachment {
    if (networkCard < 0 || deviceIndex < 0) {
      throw new IllegalArgumentException("networkCard and deviceIndex start at 0");
    }
  }
}
