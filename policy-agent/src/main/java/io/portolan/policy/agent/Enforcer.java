package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftCounter;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftKeyPart;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftTables;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.policy.compile.LocalElements;
import io.portolan.policy.compile.Owner;
import io.portolan.policy.compile.PolicyCompiler;
import io.portolan.policy.compile.ReportNames;
import io.portolan.policy.compile.Reporting;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.EndpointId;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Generation;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.nft.TableDiff;
import io.portolan.policy.nft.TableImage;
import io.portolan.policy.nft.Transactions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Keeps the kernel's table in step with the compiler's.
 *
 * <p>Until the cluster is known as a whole ({@link #synced}) the table that a former run left is
 * kept as it is, so that a restart opens nothing; only isolation of new pods is added to it. The
 * step to the compiled table is then one transaction. A table is recognised as ours by its name and
 * the version in its comment; one of another version is replaced as a whole, in that transaction.
 *
 * <p>After a failure nothing is assumed about the kernel: the next commit reads the table back and
 * makes up the difference.
 *
 * <p>If the kernel refuses what some policies need, those are found by {@link Bisection} and left
 * out, closed ({@code Policy.closed}), so that all others stay in step with the cluster.
 *
 * <p>Not thread-safe: one thread owns it, and the socket behind {@code tables}.
 */
public final class Enforcer {
  private static final NftTransaction NOTHING = NftTransaction.on(Skeleton.TABLE).build();

  private final NftTables tables;
  private final Runnable clearStamps;
  private final EnforcementObserver observer;
  private final InstantSource clock;
  private final DesiredTable desired = new DesiredTable();
  private final PolicyCompiler compiler;

  /** The table of a former run with the isolations added since; until the cluster is known. */
  private Optional<DesiredTable> inherited = Optional.empty();

  /** What nothing leads to since the last commit; goes with the next. */
  private NftTransaction obsolete = NOTHING;

  /** The policies that are left out, each with what the kernel said to it. */
  private final TreeMap<PolicyId, String> leftOut = new TreeMap<>();

  /** Policies that are new, changed or tried again since the last commit. */
  private final Set<PolicyId> touched = new LinkedHashSet<>();

  private Generation generation = Generation.OFF;
  private boolean generationUnproven;
  private boolean synced;
  private boolean kernelUnknown = true;

  /**
   * @param clearStamps removes the generation from every connection's mark; runs before numbers are
   *     used again, on the enforcing thread
   */
  public Enforcer(
      NftTables tables, Runnable clearStamps, EnforcementObserver observer, InstantSource clock) {
    this(tables, clearStamps, observer, clock, Reporting.NONE);
  }

  /** The same, with a table that tells of what it does. */
  public Enforcer(
      NftTables tables,
      Runnable clearStamps,
      EnforcementObserver observer,
      InstantSource clock,
      Reporting reporting) {
    this.compiler = new PolicyCompiler(desired, reporting);
    this.tables = tables;
    this.clearStamps = clearStamps;
    this.observer = observer;
    this.clock = clock;
  }

  /**
   * Takes over what is there, or puts the bare skeleton in place, which lets everything pass.
   *
   * @throws IllegalStateException if the kernel refuses the skeleton
   */
  public void start() {
    Optional<TableImage> found = found();
    if (found.isPresent()) {
      inherited = Optional.of(new DesiredTable(found.get()));
      generation = Generation.of(found.get());
      generation.write(desired);
    } else {
      DesiredTable bare = new DesiredTable();
      Skeleton.build(bare);
      // A table of another version keeps its rules until the whole is known.
      if (tables.read(Skeleton.TABLE).isEmpty()) {
        tables.commit(TableDiff.rebuild(Skeleton.TABLE, bare.image())).orThrow();
        bare.committed();
        inherited = Optional.of(bare);
      }
    }
  }

  /** The pods that have these addresses, of those that a pod has. */
  public Map<IpAddress, Owner> owners(Set<IpAddress> addresses) {
    return compiler.owners(addresses);
  }

  /** What names in the kernel's reports stand for; for any thread. */
  public ReportNames reportNames() {
    return compiler.reportNames();
  }

  /** Takes a change in; {@link #commit} brings it into the kernel. */
  public void apply(ClusterChange change) {
    if (change instanceof ClusterChange.PolicySeen(Policy policy) && compiler.isKnown(policy)) {
      // As when its status was written; one that the kernel refuses must not be tried again.
      return;
    }
    compiler.apply(change);
    if (change instanceof ClusterChange.PolicySeen(Policy policy)) {
      touched.add(policy.id());
      if (compiler.leftOut().contains(policy.id())) {
        Set<PolicyId> others = new HashSet<>(compiler.leftOut());
        others.remove(policy.id());
        compiler.leaveOut(others);
      }
    }
  }

  /** Policies that the kernel refused and that are closed instead, with the reasons. */
  public SortedMap<PolicyId, String> leftOut() {
    return Collections.unmodifiableSortedMap(leftOut);
  }

  /**
   * Tries the policies that are left out once more.
   *
   * @return as {@link #commit}
   */
  public boolean retryLeftOut() {
    touched.addAll(compiler.leftOut());
    compiler.leaveOut(Set.of());
    return commit();
  }

  /** From now on the state that was applied is the whole of the cluster. */
  public void synced() {
    synced = true;
  }

  /** Whether the whole of the cluster is known and {@link #commit} enforces it. */
  public boolean isSynced() {
    return synced;
  }

  /**
   * Isolates a pod before the cluster is known, in the kernel when it returns.
   *
   * @throws IllegalStateException if the kernel refuses
   */
  public void isolate(LocalPod local) {
    compiler.apply(new ClusterChange.PodWired(local));
    DesiredTable table =
        inherited.orElseThrow(() ->
            new IllegalStateException(
                "pod "
                    + local.name()
                    + " cannot be isolated yet: a table of another version is in place until"
                    + " the cluster is known"));
    LocalElements.isolate(table, local);
    next().write(table);
    tables.commit(table.pending(Skeleton.TABLE)).orThrow();
    table.committed();
  }

  /** The chains that decide over a pod in the kernel; empty while it is isolated. */
  public Optional<LocalElements.Standing> standing(EndpointId id) {
    return synced && !kernelUnknown ? compiler.standing(id) : Optional.empty();
  }

  /**
   * Brings everything applied so far into the kernel; before the cluster is known it does nothing.
   *
   * @return false if it failed; the next call tries again
   */
  public boolean commit() {
    compiler.settle();
    if (!synced) {
      return true;
    }
    try {
      Sent sent = attempt();
      if (!sent.isCommitted() && !kernelUnknown && sent.tellsOfAnotherTable()) {
        kernelUnknown = true;
        sent = attempt();
      }
      if (!sent.isCommitted() && !leaveOutTheRefused(sent)) {
        kernelUnknown = true;
        observer.failed(sent.outcome().toString());
        return false;
      }
      touched.clear();
      reportLeftOut(sent);
      return !generation.isOff() || turnGenerationOn();
    } catch (RuntimeException e) {
      // Whether the kernel took it is not known: read back before the next one.
      kernelUnknown = true;
      observer.failed(String.valueOf(e.getMessage()));
      return false;
    }
  }

  /** Brings what is compiled into the kernel, which may refuse. */
  private Sent attempt() {
    long begin = clock.millis();
    Transactions.Parts parts = Transactions.apart(difference());
    NftTransaction transaction = obsolete.then(parts.change());
    if (!transaction.isEmpty()) {
      Sent sent = send(transaction);
      if (!sent.isCommitted()) {
        return sent;
      }
    }
    settled();
    obsolete = parts.removal();
    if (!transaction.isEmpty()) {
      observer.committed(transaction.commands().size(), Duration.ofMillis(clock.millis() - begin));
    }
    return Sent.COMMITTED;
  }

  /**
   * Looks for the policies to blame and leaves them out, in addition to those that are left out
   * already.
   *
   * @return false if the kernel takes nothing whatever is left out
   */
  private boolean leaveOutTheRefused(Sent refused) {
    Set<PolicyId> before = compiler.leftOut();
    List<PolicyId> named =
        refused.command().stream()
            .flatMap(command -> Suspects.of(command).stream())
            .flatMap(name -> compiler.behind(name).stream())
            .toList();
    Bisection search = Bisection.among(List.of(named, touched, compiler.programmed()));
    for (Optional<? extends Set<PolicyId>> next = search.next();
        next.isPresent();
        next = search.next()) {
      leaveOut(before, next.get());
      search = search.after(attempt().isCommitted());
    }
    leaveOut(before, search.result().orElse(Collections.emptySortedSet()));
    observer.searched(search.attempts(), search.result().map(Set::size).orElse(0));
    // A refused attempt may have come last; what it left to do is the number of the generation.
    return search.result().isPresent() && attempt().isCommitted();
  }

  private void leaveOut(Set<PolicyId> before, Set<PolicyId> more) {
    Set<PolicyId> all = new HashSet<>(before);
    all.addAll(more);
    compiler.leaveOut(all);
    compiler.settle();
  }

  /** Says which policies are left out, if these are others than before. */
  private void reportLeftOut(Sent last) {
    Set<PolicyId> now = compiler.leftOut();
    if (now.equals(leftOut.keySet())) {
      return;
    }
    leftOut.keySet().retainAll(now);
    now.forEach(id -> leftOut.putIfAbsent(id, last.reason()));
    observer.leftOut(new TreeMap<>(leftOut));
  }

  /** The present number of the rules. */
  public Generation generation() {
    return generation;
  }

  /** Whether {@link #proveGeneration} has something to do. */
  public boolean isGenerationUnproven() {
    return generationUnproven;
  }

  /**
   * Gives the rules one more number, some milliseconds after a commit that did, and removes what
   * that commit left unused. A packet that was between the two ends when it came into force met the
   * old rules at one and the new ones at the other, and its connection was stamped all the same;
   * now it is judged again. Packets are between two hooks for microseconds.
   */
  public void proveGeneration() {
    if (generationUnproven && !kernelUnknown && synced) {
      next().write(desired);
      commit();
    }
    generationUnproven = false;
  }

  /** What is to be committed, with the next generation if it may deny anything. */
  private NftTransaction difference() {
    if (kernelUnknown) {
      // What is found includes what was to be removed.
      obsolete = NOTHING;
      NftTransaction found = fromFound();
      if (!Generation.mustFollow(found, desired::isDenying)) {
        return found;
      }
      raise();
      return fromFound();
    }
    if (desired.mayDeny()) {
      raise();
    }
    return desired.pending(Skeleton.TABLE);
  }

  private void raise() {
    next().write(desired);
    generationUnproven = true;
  }

  private Generation next() {
    // Off stays off until old stamps were cleared.
    generation = generation.isOff() ? generation : generation.next();
    return generation;
  }

  /** With the stamping rules out of the table and the old stamps cleared, numbers begin anew. */
  private boolean turnGenerationOn() {
    clearStamps.run();
    generation = generation.next();
    generation.write(desired);
    Sent sent = send(desired.pending(Skeleton.TABLE));
    if (!sent.isCommitted()) {
      kernelUnknown = true;
      observer.failed(sent.outcome().toString());
      return false;
    }
    settled();
    return true;
  }

  private void settled() {
    kernelUnknown = false;
    inherited = Optional.empty();
    desired.committed();
  }

  /**
   * Reads the table back and puts right what somebody else changed. Does nothing while a generation
   * is unproven: what that still leaves in the table would look like a difference.
   */
  public void audit() {
    if (!synced || kernelUnknown) {
      commit();
      return;
    }
    if (generationUnproven) {
      return;
    }
    try {
      // What is still to be committed would look like a difference, too.
      if (commit() && !generationUnproven) {
        NftTransaction repair = fromFound();
        if (!repair.isEmpty()) {
          // Connections may have been stamped by whatever stood there.
          next().write(desired);
          repair = fromFound();
          Sent sent = send(repair);
          if (sent.isCommitted()) {
            settled();
            observer.repaired(repair.commands().size());
          } else {
            kernelUnknown = true;
            observer.failed(sent.outcome().toString());
          }
        }
      }
    } catch (RuntimeException e) {
      kernelUnknown = true;
      observer.failed(String.valueOf(e.getMessage()));
    }
  }

  private NftTransaction fromFound() {
    TableImage target = desired.image();
    return found()
        .filter(found -> TableDiff.reachable(found, target))
        .map(found -> TableDiff.between(Skeleton.TABLE, found, target))
        .orElseGet(() -> TableDiff.rebuild(Skeleton.TABLE, target));
  }

  private Sent send(NftTransaction transaction) {
    Sent sent = sendWhole(transaction);
    boolean replaces = transaction.commands().contains(new NftCommand.DestroyTable());
    if (sent.outcome() instanceof NftOutcome.TooLong && replaces) {
      return sendClosedFirst();
    }
    if (sent.outcome() instanceof NftOutcome.TooLong) {
      boolean first = true;
      for (NftTransaction piece : Transactions.divide(transaction)) {
        sent = sendWhole(piece);
        if (!sent.isCommitted()) {
          // What went ahead of it is in the kernel, and not known to be.
          kernelUnknown |= !first;
          break;
        }
        first = false;
      }
    }
    return sent;
  }

  private Sent sendWhole(NftTransaction transaction) {
    NftOutcome outcome = tables.commit(transaction);
    Optional<NftCommand> command =
        outcome instanceof NftOutcome.Refused refused && refused.index().isPresent()
            ? Optional.of(transaction.commands().get(refused.index().getAsInt()))
            : Optional.empty();
    return new Sent(outcome, command);
  }

  /**
   * Replaces a table that cannot be changed in place and is too large for one transaction: first by
   * one that isolates every pod of the node, because the other order would leave them open.
   */
  private Sent sendClosedFirst() {
    DesiredTable closed = new DesiredTable();
    Skeleton.build(closed);
    compiler.locals().forEach(local -> LocalElements.isolate(closed, local));
    Sent sent = sendWhole(TableDiff.rebuild(Skeleton.TABLE, closed.image()));
    if (!sent.isCommitted()) {
      return sent;
    }
    kernelUnknown = true;
    return send(TableDiff.between(Skeleton.TABLE, closed.image(), desired.image()));
  }

  /** The table as it is, if it is of our version and holds nothing we could not have written. */
  private Optional<TableImage> found() {
    return tables
        .read(Skeleton.TABLE)
        .filter(listing -> listing.table().comment().equals(Skeleton.TABLE.comment()))
        .filter(listing -> listing.foreign().isEmpty())
        .map(Enforcer::image);
  }

  static TableImage image(NftListing listing) {
    TreeMap<String, TableImage.ChainImage> chains = new TreeMap<>();
    for (NftListing.ListedChain chain : listing.chains()) {
      chains.put(
          chain.chain().name(),
          new TableImage.ChainImage(
              chain.chain(), chain.rules().stream().map(NftListing.ListedRule::rule).toList()));
    }
    TreeMap<String, TableImage.SetImage> sets = new TreeMap<>();
    for (NftListing.ListedSet set : listing.sets()) {
      Map<List<NftKeyPart>, NftElement> elements = new HashMap<>();
      set.elements().forEach(e -> elements.put(e.element().key(), e.element()));
      sets.put(set.set().name(), new TableImage.SetImage(set.set(), elements));
    }
    TreeMap<String, NftCounter> counters = new TreeMap<>();
    listing.counters().forEach(c -> counters.put(c.counter().name(), c.counter()));
    return new TableImage(chains, sets, counters);
  }
}
