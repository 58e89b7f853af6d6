package io.portolan.policy.cases;

import java.util.Optional;

/**
 * What becomes of a probe.
 *
 * @param egress what the source's end says; empty if that is no policed pod, and no address that a
 *     host endpoint is for
 * @param ingress what the destination's end says; likewise
 */
public record ProbeAnswer(Optional<Ruling> egress, Optional<Ruling> ingress) {

  /** A connection needs both ends. */
  public boolean allowed() {
    return egress.map(Ruling::allowed).orElse(true) && ingress.map(Ruling::allowed).orElse(true);
  }
}
