package io.portolan.cli;

import io.portolan.lab.bench.Bench;
import io.portolan.lab.bench.BenchOptions;
import io.portolan.lab.bench.BenchPart;
import io.portolan.lab.scenario.Progress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code portolan bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures CNI beside the standard plugins, the agent's start and memory, EC2 calls,"
            + " nftables transactions and policy on this machine, and writes docs/benchmarks.md.",
    footer = {
      "",
      "Needs a machine that does nothing else, and for node the package"
          + " containernetworking-plugins."
    })
final class BenchCommand implements Callable<Integer> {
  /** As they are typed. */
  enum Part {
    node,
    cloud,
    nftables,
    policy,
    cuts,
    hostile;

    private BenchPart part() {
      return switch (this) {
        case node -> BenchPart.NODE;
        case cloud -> BenchPart.CLOUD;
        case nftables -> BenchPart.NFTABLES;
        case policy -> BenchPart.POLICY;
        case cuts -> BenchPart.CUTS;
        case hostile -> BenchPart.HOSTILE;
      };
    }
  }

  @Parameters(
      arity = "0..*",
      paramLabel = "PART",
      description = {
        "What to measure: ${COMPLETION-CANDIDATES} (default: all).",
        "The page's other sections stay as they are."
      })
  private List<Part> parts = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "Rounds of ADD and DEL, and of storms (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--pods",
      defaultValue = "100",
      description = "Pods of a round, up to 110 (default: ${DEFAULT-VALUE}).")
  private int pods;

  @Option(
      names = "--starts",
      defaultValue = "5",
      description = "Starts of the agent in each series (default: ${DEFAULT-VALUE}).")
  private int starts;

  @Option(
      names = "--cloud-nodes",
      defaultValue = "1000",
      description = "Nodes of the simulated EC2 account (default: ${DEFAULT-VALUE}).")
  private int cloudNodes;

  @Option(
      names = "--page",
      paramLabel = "FILE",
      description = "Where the page is written (default: docs/benchmarks.md of the source tree).")
  private @Nullable Path page;

  @Override
  public Integer call() throws Exception {
    BenchOptions options =
        new BenchOptions(
            (parts.isEmpty() ? List.of(Part.values()) : parts)
                .stream().map(Part::part).collect(Collectors.toSet()),
            rounds,
            pods,
            starts,
            cloudNodes,
            page == null ? Bench.page() : page);
    Bench.run(options, new Progress(System.err), Instant.now());
    return 0;
  }
}
