package io.portolan.common.pool.bench;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * @param waits of every pod from being bound to having an address, in any order
 * @param allServed when the last pod had its address, from the beginning
 * @param held addresses assigned for pods in the end
 */
record Result(
    String name, Ec2Account account, List<Duration> waits, Duration allServed, long held) {

  static final String HEADER =
      """
      | | calls per pod | calls | create | attach | modify | assign | describe | throttled | all pods served | pod wait p50 | p99 | addresses held |
      |---|---|---|---|---|---|---|---|---|---|---|---|---|
      """;

  String row() {
    return String.format(
        Locale.ROOT,
        "| %s | %.3f | %d | %d | %d | %d | %d | %d | %d | %d s | %.1f s | %.1f s | %d |%n",
        name,
        (double) account.total() / waits.size(),
        account.total(),
        calls("CreateNetworkInterface"),
        calls("AttachNetworkInterface"),
        calls("ModifyNetworkInterfaceAttribute"),
        calls("AssignPrivateIpAddresses"),
        account.calls.entrySet().stream()
            .filter(e -> e.getKey().startsWith("Describe"))
            .mapToInt(e -> e.getValue())
            .sum(),
        account.throttled,
        allServed.toSeconds(),
        wait(0.5).toMillis() / 1000.0,
        wait(0.99).toMillis() / 1000.0,
        held);
  }

  /** What a share of all pods waited at most. */
  Duration wait(double share) {
    return waits.stream().sorted().toList().get((int) (waits.size() * share));
  }

  Duration meanWait() {
    return waits.stream().reduce(Duration.ZERO, Duration::plus).dividedBy(waits.size());
  }

  private int calls(String operation) {
    return account.calls.getOrDefault(operation, 0);
  }
}
