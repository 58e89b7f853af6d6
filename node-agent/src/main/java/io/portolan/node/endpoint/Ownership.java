package io.portolan.node.endpoint;

import java.util.List;
import java.util.Optional;

/**
 * How a restarted agent recognises kernel objects as its own.
 *
 * <pre>
 *   host ends of pod links   link group LINK_GROUP, alias = attachment and pod
 *   links to be deleted      link group DOOMED_GROUP
 *   routes and rules         protocol PROTOCOL
 * </pre>
 */
public final class Ownership {
  /** Of routes and rules; not in /etc/iproute2/rt_protos, nor used by Calico (80) or FRR. */
  public static final int PROTOCOL = 112;

  /** "po" */
  public static final int LINK_GROUP = 0x706f;

  /** "px": deleted all at once by the reaper. */
  public static final int DOOMED_GROUP = 0x7078;

  /** IFALIASZ of linux/if.h less the terminating zero. */
  private static final int MAX_ALIAS = 255;

  private Ownership() {}

  /** Text for the link's alias: {@code network/container/interface[ namespace/name/uid]}. */
  public static String alias(Attachment attachment) {
    String id = attachment.id().toString();
    String full =
        id
            + attachment
                .pod()
                .map(p -> " " + p.namespace() + "/" + p.name() + "/" + p.uid())
                .orElse("");
    if (full.length() <= MAX_ALIAS) {
      return full;
    }
    return id.substring(0, Math.min(id.length(), MAX_ALIAS));
  }

  /** Whether a link with this alias belongs to the attachment. */
  public static boolean isOf(String alias, AttachmentId id) {
    String text = id.toString();
    String key = text.substring(0, Math.min(text.length(), MAX_ALIAS));
    return alias.equals(key) || alias.startsWith(key + " ");
  }

  /** The attachment's key out of an alias; empty if it is none of ours, or was cut. */
  public static Optional<AttachmentId> id(String alias) {
    List<String> parts = List.of(alias.split(" ", 2)[0].split("/", -1));
    if (parts.size() != 3
        || !AttachmentId.isName(parts.get(0))
        || !AttachmentId.isName(parts.get(1))
        || !AttachmentId.isInterfaceName(parts.get(2))) {
      return Optional.empty();
    }
    return Optional.of(new AttachmentId(parts.get(0), parts.get(1), parts.get(2)));
  }

  public static Optional<PodIdentity> pod(String alias) {
    String[] halves = alias.split(" ", 2);
    String[] parts = halves.length < 2 ? new String[0] : halves[1].split("/", -1);
    return parts.length == 3 && !parts[0].isEmpty() && !parts[1].isEmpty() && !parts[2].isEmpty()
        ? Optional.of(new PodIdentity(parts[0], parts[1], parts[2]))
        : Optional.empty();
  }
}
