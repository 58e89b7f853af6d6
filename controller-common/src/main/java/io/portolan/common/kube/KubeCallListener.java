package io.portolan.common.kube;

import java.time.Duration;

/** Told of every call to the API server but watches, for metrics. Must return at once. */
public interface KubeCallListener {
  /** Tells nobody. */
  KubeCallListener SILENT = (verb, resource, outcome, took) -> {};

  /**
   * @param verb the method, in lower case
   * @param resource plural, with the subresource: {@code nodenetworks/status}
   * @param outcome {@code ok}, {@code none} without an answer, or the HTTP status
   */
  void called(String verb, String resource, String outcome, Duration took);
}
