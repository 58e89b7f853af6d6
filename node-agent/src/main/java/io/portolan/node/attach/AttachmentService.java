package io.portolan.node.attach;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.node.cni.CniAnswer;
import io.portolan.node.cni.CniError;
import io.portolan.node.cni.CniErrorCode;
import io.portolan.node.cni.CniHandler;
import io.portolan.node.cni.CniRequest;
import io.portolan.node.cni.CniResult;
import io.portolan.node.dataplane.PodDataplane;
import io.portolan.node.dataplane.WiringOutcome;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.endpoint.HostInterfaceName;
import io.portolan.node.endpoint.PodMac;
import io.portolan.node.ipam.Holding;
import io.portolan.node.ipam.Ledger;
import io.portolan.node.ipam.ReserveOutcome;
import io.portolan.node.ipam.Supply;
import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commands of CNI.
 *
 * <pre>
 *   ADD    reserve address | policy begins, link is made | closed | wire | policy in force | answer | attached
 *   DEL    detaching | unwire | forget policy | released | answer      (again: nothing to do)
 *   CHECK  holding and kernel against the runtime's prevResult; policy in force
 *   GC     DEL of what the runtime no longer names, but for what is being added
 *   STATUS whether ADD would be served
 * </pre>
 *
 * <p>A second ADD of the same attachment is refused, as the specification demands where the
 * interface exists ("MUST return with an error"). Neither kubelet nor containerd repeats ADD: after
 * a failure, or an answer that was lost, they ask for DEL and make a new sandbox.
 */
public final class AttachmentService implements CniHandler {
  private static final Logger LOG = LoggerFactory.getLogger(AttachmentService.class);
  private static final IpAddress NEXT_HOP_V4 = IpAddress.parse("169.254.1.1");
  private static final IpAddress NEXT_HOP_V6 = IpAddress.parse("fe80::1");

  private final Ledger ledger;
  private final PodDataplane dataplane;
  private final PolicyAdmission policy;
  private final HostInterfaceName names;
  private final ExpectedPods expected;
  private final Supplier<Supply> supply;
  private final Supplier<Optional<CniError>> notReady;
  private final Duration addressPatience;
  private final Turns turns = new Turns();

  /**
   * @param supply the cloud's supply at the moment
   * @param notReady why ADD cannot be served, for STATUS; empty if it can
   * @param addressPatience how long ADD waits for an address
   */
  public AttachmentService(
      Ledger ledger,
      PodDataplane dataplane,
      PolicyAdmission policy,
      HostInterfaceName names,
      ExpectedPods expected,
      Supplier<Supply> supply,
      Supplier<Optional<CniError>> notReady,
      Duration addressPatience) {
    this.ledger = ledger;
    this.dataplane = dataplane;
    this.policy = policy;
    this.names = names;
    this.expected = expected;
    this.supply = supply;
    this.notReady = notReady;
    this.addressPatience = addressPatience;
  }

  @Override
  public CniAnswer handle(CniRequest request) {
    try {
      return switch (request) {
        case CniRequest.Add add -> add(add);
        case CniRequest.Del del -> delete(del.id());
        case CniRequest.Check check -> check(check);
        case CniRequest.Gc gc -> collect(gc);
        case CniRequest.Status _ ->
            notReady.get().<CniAnswer>map(CniAnswer.Failed::new).orElseGet(CniAnswer.Done::new);
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new CniAnswer.Failed(CniErrorCode.TRY_AGAIN_LATER, "the node agent is stopping");
    }
  }

  private CniAnswer add(CniRequest.Add add) throws InterruptedException {
    try (Turns.Turn turn = turns.take(add.id().containerId())) {
      if (!new File(add.netns()).exists()) {
        return noNamespace(add.netns());
      }
      if (!HostInterfaceName.isFirst(add.id())) {
        add.pod().ifPresent(expected::isNotFirst);
      }
      Ledger.Request request =
          new Ledger.Request(add.id(), add.pod(), add.netns(), names.of(add.id(), add.pod()));
      return switch (await(ledger.reserve(request, addressPatience))) {
        case ReserveOutcome.Granted granted -> attach(add, granted);
        case ReserveOutcome.Exists exists -> exists(exists.attachment().id());
        case ReserveOutcome.Cancelled() ->
            new CniAnswer.Failed(
                CniErrorCode.TRY_AGAIN_LATER, "the container was removed while it waited");
        case ReserveOutcome.Exhausted(String shortage) ->
            new CniAnswer.Failed(
                CniErrorCode.TRY_AGAIN_LATER,
                "no address for " + owner(add) + " within " + addressPatience.toSeconds() + " s",
                shortage + "; see the condition AddressesAvailable of this node's NodeNetwork");
        case ReserveOutcome.Unrecordable(String reason) ->
            new CniAnswer.Failed(
                CniErrorCode.IO_FAILURE,
                "the node agent's journal cannot be written; running pods are not affected",
                reason);
      };
    }
  }

  private CniAnswer attach(CniRequest.Add add, ReserveOutcome.Granted granted)
      throws InterruptedException {
    Attachment attachment = granted.attachment();
    boolean attached = false;
    try {
      PolicyAdmission.Progress admission = policy.begin(attachment, granted.earmark());
      WiringOutcome wiring =
          dataplane.wire(attachment, supply.get(), add.mtu(), admission::awaitClosed);
      if (!(wiring instanceof WiringOutcome.Wired(int mtu))) {
        return failure(wiring);
      }
      Optional<String> closed = admission.awaitProgrammed();
      if (closed.isPresent()) {
        return new CniAnswer.Failed(CniErrorCode.TRY_AGAIN_LATER, closed.get());
      }
      attached = true;
      // A Reserved with a whole link is taken for attached by the next start.
      return new CniAnswer.Added(
          result(add, attachment, mtu),
          () -> {
            var _ = ledger.attached(attachment.id());
          });
    } catch (LostDependency e) {
      return new CniAnswer.Failed(
          CniErrorCode.IO_FAILURE, "the node agent's journal cannot be written", e.why());
    } finally {
      if (!attached) {
        undo(attachment);
      }
    }
  }

  /** Backwards; each step can be repeated, so DEL or a restart may finish what fails here. */
  private void undo(Attachment attachment) throws InterruptedException {
    await(ledger.detaching(attachment.id()));
    dataplane.unwire(attachment);
    policy.forget(attachment);
    await(ledger.released(attachment.id()));
  }

  private CniAnswer delete(AttachmentId id) throws InterruptedException {
    await(ledger.cancelWaiting(id));
    try (Turns.Turn turn = turns.take(id.containerId())) {
      Optional<Attachment> attachment = await(ledger.detaching(id));
      if (attachment.isPresent()) {
        dataplane.unwire(attachment.get());
        policy.forget(attachment.get());
        await(ledger.released(id));
      }
      return new CniAnswer.Done();
    }
  }

  private CniAnswer check(CniRequest.Check check) throws InterruptedException {
    try (Turns.Turn turn = turns.take(check.id().containerId())) {
      Holding holding = ledger.holdings().get(check.id());
      if (holding == null || holding.phase() != Holding.Phase.ATTACHED) {
        return new CniAnswer.Failed(
            CniErrorCode.UNKNOWN_CONTAINER, "there is no attachment " + check.id());
      }
      if (!new File(check.netns()).exists()) {
        return noNamespace(check.netns());
      }
      Attachment held = holding.attachment();
      // As the runtime names it now: an attachment found in the kernel does not know its path.
      Attachment attachment =
          new Attachment(
              held.id(), held.pod(), check.netns(), held.hostInterface(), held.addresses());
      List<String> defects = new ArrayList<>(ExpectedResult.missing(check, attachment));
      defects.addAll(dataplane.defects(attachment, supply.get(), ExpectedResult.defaults(check)));
      // Asking again changes nothing for a pod whose policy is in force.
      policy.begin(attachment).awaitProgrammed().ifPresent(defects::add);
      return defects.isEmpty()
          ? new CniAnswer.Done()
          : new CniAnswer.Failed(
              CniErrorCode.DEFECTIVE, "the attachment is damaged", String.join("; ", defects));
    }
  }

  private CniAnswer collect(CniRequest.Gc gc) throws InterruptedException {
    List<String> failures = new ArrayList<>();
    for (Holding holding : new TreeMap<>(ledger.holdings()).values()) {
      AttachmentId id = holding.attachment().id();
      boolean valid =
          gc.valid().contains(new CniRequest.ContainerInterface(id.containerId(), id.ifName()));
      // The runtime must not ask for ADD and GC at once; if it does, the pod wins.
      boolean beingAdded = holding.phase() == Holding.Phase.RESERVED;
      if (id.network().equals(gc.network()) && !valid && !beingAdded) {
        try {
          delete(id);
          LOG.info("collected {}, which the runtime no longer has", id);
        } catch (RuntimeException e) {
          failures.add(id + ": " + e.getMessage());
        }
      }
    }
    return failures.isEmpty()
        ? new CniAnswer.Done()
        : new CniAnswer.Failed(
            CniErrorCode.TRY_AGAIN_LATER, "not everything was collected", failures.toString());
  }

  private static CniResult result(CniRequest.Add add, Attachment attachment, int mtu) {
    List<CniResult.Ip> ips = new ArrayList<>();
    List<CniResult.Route> routes = new ArrayList<>();
    for (IpAddress address : attachment.addresses()) {
      Optional<IpAddress> gateway = Optional.of(address.isIpv4() ? NEXT_HOP_V4 : NEXT_HOP_V6);
      ips.add(new CniResult.Ip(address, address.family().bits(), gateway, OptionalInt.of(1)));
      routes.add(new CniResult.Route(Cidr.parse(address.isIpv4() ? "0.0.0.0/0" : "::/0"), gateway));
    }
    return new CniResult(
        List.of(
            new CniResult.Interface(
                attachment.hostInterface(), PodMac.HOST.toString(), OptionalInt.of(mtu), ""),
            new CniResult.Interface(
                add.id().ifName(),
                PodMac.of(attachment.addresses()).toString(),
                OptionalInt.of(mtu),
                add.netns())),
        ips,
        routes,
        add.dns(),
        add.prevResult());
  }

  private static CniAnswer failure(WiringOutcome outcome) {
    return switch (outcome) {
      case WiringOutcome.Wired _ -> throw new IllegalStateException("wired is no failure");
      case WiringOutcome.NoNamespace(String path) -> noNamespace(path);
      case WiringOutcome.NotAContainer(String path, String reason) ->
          new CniAnswer.Failed(
              CniErrorCode.INVALID_ENVIRONMENT, "CNI_NETNS " + path + ": " + reason);
      case WiringOutcome.InterfaceExists(String name) ->
          new CniAnswer.Failed(
              CniErrorCode.INVALID_ENVIRONMENT,
              "CNI_IFNAME " + name + ": the container has an interface of this name");
      case WiringOutcome.Refused(String reason) ->
          new CniAnswer.Failed(
              CniErrorCode.TRY_AGAIN_LATER, "the kernel refused to wire the pod", reason);
    };
  }

  private static CniAnswer exists(AttachmentId id) {
    return new CniAnswer.Failed(
        CniErrorCode.INVALID_ENVIRONMENT,
        "CNI_CONTAINERID "
            + id.containerId()
            + " with CNI_IFNAME "
            + id.ifName()
            + " is attached to network "
            + id.network()
            + " already; DEL comes before another ADD");
  }

  private static CniAnswer noNamespace(String path) {
    return new CniAnswer.Failed(
        CniErrorCode.UNKNOWN_CONTAINER, "network namespace " + path + " does not exist");
  }

  private static String owner(CniRequest.Add add) {
    return add.pod().map(pod -> "pod " + pod).orElse("container " + add.id().containerId());
  }

  /** A future of the ledger failed: the journal could not be written or synced. */
  private static final class LostDependency extends RuntimeException {
    private static final long serialVersionUID = 1;

    LostDependency(Throwable cause) {
      super(String.valueOf(cause), cause);
    }

    String why() {
      return String.valueOf(getMessage());
    }
  }

  private static <T extends @Nullable Object> T await(Future<T> future)
      throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new LostDependency(e.getCause() == null ? e : e.getCause());
    }
  }
}
