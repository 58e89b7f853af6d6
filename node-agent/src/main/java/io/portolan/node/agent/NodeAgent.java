package io.portolan.node.agent;

import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.reconcile.Backoff;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.kernel.KernelNftTables;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlKey;
import io.portolan.node.attach.AttachmentService;
import io.portolan.node.attach.ExpectedPods;
import io.portolan.node.attach.PolicyAdmission;
import io.portolan.node.cni.CniProtocol;
import io.portolan.node.cni.CniServer;
import io.portolan.node.dataplane.KernelPods;
import io.portolan.node.dataplane.LinkReaper;
import io.portolan.node.dataplane.SocketPool;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.HostInterfaceName;
import io.portolan.node.ipam.Holding;
import io.portolan.node.ipam.Ledger;
import io.portolan.node.ipam.PoolView;
import io.portolan.node.ipam.Supply;
import io.portolan.node.journal.BootMark;
import io.portolan.node.journal.DiskProbe;
import io.portolan.node.journal.Journal;
import io.portolan.node.routing.EniTables;
import io.portolan.node.routing.NodeRouting;
import io.portolan.node.routing.SourceNat;
import io.portolan.policy.PodEndpoint;
import io.portolan.policy.PolicyGate;
import io.portolan.policy.agent.PodListener;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All parts of the agent but the API server's side of it, put together in the order in which they
 * need each other:
 *
 * <pre>
 *   journal ─> ledger ─> recovery ─> cached supply ─> socket (from here on the runtime is served)
 *                                        ^
 *                      NodeNetwork ──────┘ supply thread: cache, pool, routing, source NAT
 * </pre>
 */
public final class NodeAgent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeAgent.class);
  private static final Duration READ_LIMIT = Duration.ofSeconds(10);
  private static final Backoff SUPPLY_RETRY =
      new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30), 0.25);
  private static final Duration DEVICE_RETRY = Duration.ofMillis(500);

  private final AgentSettings settings;
  private final SupplyCache cache;
  private final Ledger ledger;
  private final KernelPods pods;
  private final NodeRouting routing = new NodeRouting();
  private final KernelNftTables nft = KernelNftTables.open();
  private final CniServer server;
  private final ScheduledExecutorService supplyThread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("supply").factory());
  private volatile Supply supply = Supply.EMPTY;
  private volatile PodSettings podSettings;
  private volatile int uplinkMtu;

  /** What fits into the tunnels between nodes; empty where there are none. */
  private volatile OptionalInt tunnelMtu = OptionalInt.empty();

  private final Availability availability;
  private final ExpectedPods expected;

  // Owned by the supply thread.
  private final SupplyIntake intake;
  private Optional<NftTransaction> translation = Optional.empty();

  private NodeAgent(
      AgentSettings settings,
      Function<List<PodEndpoint>, Optional<PolicyGate>> enforcement,
      Supplier<Optional<String>> policyProblem,
      AgentObserver observer)
      throws IOException {
    this.settings = settings;
    podSettings = PodSettings.defaults(settings);
    Journal journal = Journal.open(settings.stateDirectory(), observer::journalSynced);
    cache = new SupplyCache(settings.stateDirectory());
    ledger = new Ledger(journal, InstantSource.system(), settings.cooldown(), observer);
    availability =
        new Availability(
            settings.stateDirectory(),
            () -> supply,
            ledger::view,
            new DiskProbe(settings.stateDirectory(), journal::lastSyncFailed)::problem,
            policyProblem);
    SocketPool sockets = new SocketPool();
    uplinkMtu = sockets.call(NodeRouting::uplinkMtu);
    pods = new KernelPods(sockets, new LinkReaper(), this::podMtu);
    Sysctl.write(SysctlKey.of("ipv4", "ip_forward"), "1");
    intake =
        new SupplyIntake(new SupplyEffects(), SUPPLY_RETRY, new SplittableRandom(), remembered());
    restAfterBoot(journal);
    List<Attachment> living = new Recovery(ledger, pods).run(supply);
    List<PodEndpoint> running =
        living.stream().flatMap(a -> PolicyAdmission.endpoint(a).stream()).toList();
    PolicyAdmission admission =
        new PolicyAdmission(
            enforcement.apply(running), settings.policyPatience(), ledger::holdings);
    Set<IpAddress> left = new HashSet<>(ledger.known());
    living.forEach(attachment -> left.removeAll(attachment.addresses()));
    admission.forgetConnections(List.copyOf(left));
    HostInterfaceName names = new HostInterfaceName(settings.interfacePrefix());
    expected = new ExpectedPods(settings.nodeName(), ledger, admission, names);
    AttachmentService service =
        new AttachmentService(
            ledger,
            pods,
            admission,
            names,
            expected,
            () -> supply,
            availability::problem,
            settings.addressPatience());
    supplyThread.execute(this::route);
    server = CniServer.open(settings.cniSocket(), new CniProtocol(service, observer), READ_LIMIT);
  }

  /**
   * See {@link Ledger}: what the last moments before a restart of the machine wrote may be lost.
   */
  private void restAfterBoot(Journal journal) {
    try {
      BootMark boot = BootMark.in(settings.stateDirectory());
      if (!journal.isFirst()) {
        boot.restart(Instant.now())
            .ifPresent(start -> ledger.restUntil(start.plus(podSettings.cooldown())));
      }
      boot.written();
    } catch (IOException e) {
      LOG.warn(
          "whether the machine restarted is not known or cannot be remembered: {}", e.toString());
    }
  }

  /**
   * Starts the agent; when this returns, the runtime is served.
   *
   * @param enforcement starts policy enforcement, if this node has it, given the pods that run
   * @param policyProblem why policy is not in force as it should; empty if it is
   * @param observer hears of what the agent does
   * @throws IOException if the journal or the socket cannot be opened; the message says why
   */
  public static NodeAgent start(
      AgentSettings settings,
      Function<List<PodEndpoint>, Optional<PolicyGate>> enforcement,
      Supplier<Optional<String>> policyProblem,
      AgentObserver observer)
      throws IOException {
    return new NodeAgent(settings, enforcement, policyProblem, observer);
  }

  /** Where to report the pods that the API shows. */
  public PodListener pods() {
    return expected;
  }

  private int podMtu() {
    return podSettings
        .mtu()
        .orElseGet(() -> Math.min(uplinkMtu, tunnelMtu.orElse(Integer.MAX_VALUE)));
  }

  /** Limits the MTU of new pods' interfaces to what fits into tunnels, if it is not set. */
  public void tunnelMtu(OptionalInt mtu) {
    tunnelMtu = mtu;
  }

  /** Why there are no addresses at all; empty if there are. */
  public Optional<String> unsupplied() {
    return availability.unsupplied();
  }

  /** Why pods cannot have a network now; empty if they can. */
  public Optional<String> problem() {
    return availability
        .problem()
        .map(e -> e.details().isEmpty() ? e.message() : e.message() + ": " + e.details());
  }

  /** The pool as of a moment ago. */
  public PoolView pool() {
    return ledger.view();
  }

  /**
   * Takes over what the controller published. Returns at once.
   *
   * @param next the supply as it stands in the API
   * @param pods what the node's profile says of pods
   */
  public void supply(NodeNetworkStatus.Supply next, NodeNetworkSpec.@Nullable Pods pods) {
    supplyThread.execute(() -> {
      try {
        intake.offer(new PublishedSupply(next, pods));
      } catch (RuntimeException e) {
        LOG.error("the supply could not be put to use", e);
      }
    });
  }

  /** The way of a supply through this agent; on the supply thread. */
  private final class SupplyEffects implements SupplyIntake.Effects {
    @Override
    public void verify(PublishedSupply next) {
      var _ = Supply.of(next.supply());
      var _ = PodSettings.defaults(settings).with(next.pods());
    }

    @Override
    public void write(PublishedSupply next) throws IOException {
      cache.write(new SupplyCache.Content(next.supply(), next.pods(), answers()));
    }

    @Override
    public void use(PublishedSupply next) {
      takeSupply(next, List.of());
      expected.supplied();
      route();
    }

    @Override
    public void after(Duration delay, Runnable step) {
      if (!supplyThread.isShutdown()) {
        var _ = supplyThread.schedule(step, delay.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  /** What the last run had; none if there was none, or it cannot be understood any more. */
  private PublishedSupply remembered() {
    Optional<SupplyCache.Content> content = cache.read();
    try {
      if (content.isPresent()) {
        PublishedSupply known = new PublishedSupply(content.get().supply(), content.get().pods());
        takeSupply(known, content.get().answers());
        return known;
      }
    } catch (IllegalArgumentException e) {
      LOG.error("the remembered supply is ignored, the API server is asked: {}", e.getMessage());
    }
    return PublishedSupply.NONE;
  }

  /**
   * The answers to the controller's marks, on disk before they are returned. The supply thread
   * writes them: with two writers, one of them could bring an older supply back to the disk.
   *
   * @throws IOException if they cannot be written; they must then not be published
   */
  public List<NodeNetworkStatus.Release> bindingAnswers() throws IOException, InterruptedException {
    try {
      return supplyThread
          .submit(() -> {
            List<NodeNetworkStatus.Release> answers = answers();
            PublishedSupply current = intake.current();
            cache.write(new SupplyCache.Content(current.supply(), current.pods(), answers));
            return answers;
          })
          .get();
    } catch (RejectedExecutionException e) {
      throw new IOException("the agent is stopping", e);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    }
  }

  private List<NodeNetworkStatus.Release> answers() {
    return ledger.view().answers().stream()
        .map(m -> new NodeNetworkStatus.Release(m.block().toString(), m.epoch()))
        .toList();
  }

  private void takeSupply(PublishedSupply next, List<NodeNetworkStatus.Release> alreadyAnswered) {
    Supply parsed = Supply.of(next.supply());
    PodSettings chosen = PodSettings.defaults(settings).with(next.pods());
    List<Supply.Mark> given =
        alreadyAnswered.stream()
            .map(r -> new Supply.Mark(Cidr.parse(r.cidr()), r.epoch()))
            .toList();
    ledger.supply(parsed, given).join();
    ledger.cooldown(chosen.cooldown());
    supply = parsed;
    podSettings = chosen;
  }

  private void route() {
    Supply current = supply;
    boolean complete =
        routing.reconcile(
            current,
            () ->
                ledger.holdings().values().stream()
                    .filter(h -> h.phase() != Holding.Phase.DETACHING)
                    .flatMap(h -> h.attachment().addresses().stream())
                    .toList());
    if (!complete && !supplyThread.isShutdown()) {
      var _ = supplyThread.schedule(this::route, DEVICE_RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }
    translate(current);
  }

  private void translate(Supply current) {
    Optional<String> primary;
    try (RouteSocket socket = RouteSocket.open()) {
      uplinkMtu = NodeRouting.uplinkMtu(socket);
      primary =
          current.interfaces().stream()
              .filter(EniTables::isPrimary)
              .flatMap(eni ->
                  socket.links().stream()
                      .filter(l -> l.mac().map(m -> m.bits() == eni.mac().bits()).orElse(false)))
              .map(Link::name)
              .findFirst();
    }
    Optional<NftTransaction> wanted =
        SourceNat.table(
            current,
            primary,
            settings.interfacePrefix(),
            podSettings.natOutgoing(),
            podSettings.natExclusions());
    if (wanted.isPresent() && !wanted.equals(translation)) {
      NftOutcome outcome = nft.commit(wanted.get());
      if (outcome instanceof NftOutcome.Committed) {
        translation = wanted;
      } else {
        LOG.error("source NAT cannot be programmed: {}", outcome);
      }
    }
  }

  /** Stops serving; pods, their links and routes stay. */
  @Override
  public void close() throws IOException {
    server.close();
    supplyThread.shutdown();
    ledger.close();
    pods.close();
    routing.close();
    nft.close();
  }
}
