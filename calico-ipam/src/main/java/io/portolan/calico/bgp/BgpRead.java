package io.portolan.calico.bgp;

/** What an object of the API turned out to be. */
public sealed interface BgpRead<T> {
  record Usable<T>(T value) implements BgpRead<T> {}

  /** The object is ignored as a whole: a part of a peer or filter may do more than it should. */
  record Rejected<T>(BgpProblem problem) implements BgpRead<T> {}
}
