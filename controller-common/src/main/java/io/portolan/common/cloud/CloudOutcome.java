package io.portolan.common.cloud;

import io.portolan.common.net.Cidr;
import java.util.List;
import java.util.Optional;

/** The answer to {@link CloudNetwork#execute}. */
public sealed interface CloudOutcome {

  /** Done, and confirmed by the provider. */
  record Applied(Facts facts) implements CloudOutcome {
    /** Done, with nothing to tell that the action did not say. */
    public static final Applied PLAIN = new Applied(Facts.NONE);
  }

  /** Not done. */
  record Failed(CloudFault fault) implements CloudOutcome {
    /** Not sent, by the caller's own last word. */
    public static final Failed WITHDRAWN =
        new Failed(
            new CloudFault.Transient(
                new CloudFault.Detail("Withdrawn", "not needed any more", "not sent")));
  }

  /**
   * Sent, but no usable answer came: it may have been done or not. Nothing is repeated before the
   * cloud has been observed again, later than {@link CloudCapabilities#consistencyLag()}.
   *
   * @param why what happened to the answer
   */
  record Unknown(String why) implements CloudOutcome {}

  /** One word for metrics: {@code Applied}, {@code Unknown} or the fault's reason. */
  default String label() {
    return switch (this) {
      case Applied _ -> "Applied";
      case Unknown _ -> "Unknown";
      case Failed failed -> failed.fault().reason();
    };
  }

  /**
   * What the provider's answer told, so that the next plan need not wait for a reading.
   *
   * @param interfaceNow the created or changed interface as it is now, if the answer shows it whole
   * @param assigned addresses (as /32 or /128) and blocks this action added
   * @param nodeCidr the block routed to the node by this action
   * @param attachment the bond made by this action
   */
  record Facts(
      Optional<ObservedInterface> interfaceNow,
      List<Cidr> assigned,
      Optional<Cidr> nodeCidr,
      Optional<Attachment> attachment) {
    public static final Facts NONE =
        new Facts(Optional.empty(), List.of(), Optional.empty(), Optional.empty());

    public Facts {
      assigned = assigned.stream().sorted().toList();
    }

    public static Facts ofInterface(ObservedInterface created) {
      return new Facts(Optional.of(created), List.of(), Optional.empty(), Optional.empty());
    }

    public static Facts ofAssigned(List<Cidr> assigned) {
      return new Facts(Optional.empty(), assigned, Optional.empty(), Optional.empty());
    }

    public static Facts ofNodeCidr(Cidr nodeCidr) {
      return new Facts(Optional.empty(), List.of(), Optional.of(nodeCidr), Optional.empty());
    }

    public static Facts ofAttachment(Attachment attachment) {
      return new Facts(Optional.empty(), List.of(), Optional.empty(), Optional.of(attachment));
    }
  }
}
