package io.portolan.node.agent;

import io.portolan.node.dataplane.PodDataplane;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.ipam.Holding;
import io.portolan.node.ipam.Ledger;
import io.portolan.node.ipam.Supply;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings journal and kernel together when the agent starts, before it takes requests.
 *
 * <pre>
 *   journal      link      done
 *   RESERVED     whole     taken for attached: the runtime may have been told; if not, it asks for DEL
 *   RESERVED     else      undone: the runtime was never told, and asks for DEL or for nothing
 *   DETACHING    any       completed
 *   ATTACHED     there     left alone; missing host routes and rules are put back
 *   ATTACHED     gone      released: the pod is dead (its sandbox was removed, or the machine restarted)
 *   nothing      there     taken up: the journal was lost, the pod was not
 * </pre>
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final Ledger ledger;
  private final PodDataplane dataplane;

  Recovery(Ledger ledger, PodDataplane dataplane) {
    this.ledger = ledger;
    this.dataplane = dataplane;
  }

  /** Returns the attachments that live on. */
  List<Attachment> run(Supply supply) {
    Map<AttachmentId, Attachment> linked = new TreeMap<>();
    dataplane.found().forEach(attachment -> linked.put(attachment.id(), attachment));
    Map<AttachmentId, Holding> holdings = new TreeMap<>(ledger.holdings());
    for (Holding holding : holdings.values()) {
      Attachment attachment = holding.attachment();
      switch (holding.phase()) {
        case DETACHING -> remove(attachment, "unfinished");
        case RESERVED -> {
          if (linked.containsKey(attachment.id())) {
            ledger.attached(attachment.id()).join();
            dataplane.repair(attachment, supply);
          } else {
            remove(attachment, "unfinished");
          }
        }
        case ATTACHED -> {
          if (linked.containsKey(attachment.id())) {
            dataplane.repair(attachment, supply);
          } else if (!dataplane.exists(attachment)) {
            remove(attachment, "its link is gone");
          }
        }
      }
    }
    for (Attachment attachment : linked.values()) {
      if (!holdings.containsKey(attachment.id())) {
        LOG.warn("{} is in the kernel but not in the journal; taken up", attachment.id());
        ledger.adopt(attachment).join();
      }
    }
    return ledger.holdings().values().stream().map(Holding::attachment).toList();
  }

  private void remove(Attachment attachment, String why) {
    LOG.info("{} of {} is removed: {}", attachment.addresses(), attachment.owner(), why);
    dataplane.unwire(attachment);
    ledger.released(attachment.id()).join();
  }
}
