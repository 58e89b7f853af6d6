package io.portolan.calico.bgp.bird;

import io.portolan.calico.bgp.BgpFilter;
import io.portolan.calico.bgp.BgpPeer;
import io.portolan.calico.bgp.BgpProblem;
import io.portolan.calico.bgp.BgpSnapshot;
import io.portolan.calico.bgp.BirdConfiguration;
import io.portolan.calico.bgp.BirdRenderer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A configuration that BIRD takes. If it does not take the whole, peers and filters are added one
 * by one, and those with which it would not are left out.
 */
public final class CheckedConfiguration {
  private CheckedConfiguration() {}

  /** Asks BIRD. */
  @FunctionalInterface
  public interface Check {
    /** What is wrong with the text; empty if nothing is. */
    Optional<String> of(String text) throws IOException, InterruptedException;
  }

  /**
   * Renders and checks.
   *
   * @throws IOException if BIRD cannot be asked, or refuses even what is left without peers
   */
  public static BirdConfiguration of(BgpSnapshot snapshot, Check check)
      throws IOException, InterruptedException {
    BirdConfiguration whole = BirdRenderer.render(snapshot);
    if (check.of(whole.text()).isEmpty()) {
      return whole;
    }
    List<BgpProblem> problems = new ArrayList<>();
    List<BgpPeer> peers = new ArrayList<>();
    List<BgpFilter> filters = new ArrayList<>();
    BirdConfiguration last = BirdRenderer.render(snapshot.with(peers, filters));
    Optional<String> refusal = check.of(last.text());
    if (refusal.isPresent()) {
      throw new IOException("BIRD refuses what is configured without peers: " + refusal.get());
    }
    for (BgpPeer peer : snapshot.peers()) {
      peers.add(peer);
      // Without filters a session might say more than it should: they come with it.
      List<BgpFilter> before = List.copyOf(filters);
      snapshot.filters().stream()
          .filter(f -> peer.filters().contains(f.name()) && !before.contains(f))
          .forEach(filters::add);
      BirdConfiguration next = BirdRenderer.render(snapshot.with(peers, filters));
      refusal = check.of(next.text());
      if (refusal.isPresent()) {
        peers.removeLast();
        filters.clear();
        filters.addAll(before);
        problems.add(
            new BgpProblem(
                "BGPPeer " + peer.name(),
                "BIRD refuses it, or one of its filters: " + refusal.get()));
      } else {
        last = next;
      }
    }
    List<BgpProblem> all = new ArrayList<>(last.problems());
    all.addAll(problems);
    return new BirdConfiguration(last.text(), last.sessions(), all);
  }
}
