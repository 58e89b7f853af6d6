package io.portolan.lab.bench;

import io.portolan.lab.cluster.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Starts and memory of the agent. */
final class AgentBench {
  /** How long the agent is left alone before its memory is read, and read once a second. */
  private static final int SETTLE_SECONDS = 10;

  private static final int READ_SECONDS = 20;

  private final BenchNode node;
  private final Map<String, List<String>> commands;

  /**
   * @param commands ways of starting the agent, by the name that tables give them
   */
  AgentBench(BenchNode node, Map<String, List<String>> commands) {
    this.node = node;
    this.commands = new LinkedHashMap<>(commands);
  }

  /**
   * @param statusAnswered by command: from process start until STATUS was answered
   * @param ready by command: from process start until {@code /readyz} was
   */
  record Starts(Map<String, List<Duration>> statusAnswered, Map<String, List<Duration>> ready) {}

  /**
   * Starts and kills the agent, the commands in turn.
   *
   * @param fresh whether it finds nothing on disk, as on a new machine
   */
  Starts starts(int times, boolean fresh) throws IOException, InterruptedException {
    Starts starts = new Starts(new LinkedHashMap<>(), new LinkedHashMap<>());
    for (int time = 0; time < times; time++) {
      for (Map.Entry<String, List<String>> command : commands.entrySet()) {
        if (fresh) {
          node.wipe();
        }
        List<Program> started = new ArrayList<>();
        try {
          BenchNode.Readiness readiness = node.startTimed(command.getValue(), started);
          starts
              .statusAnswered()
              .computeIfAbsent(command.getKey(), c -> new ArrayList<>())
              .add(readiness.status());
          starts
              .ready()
              .computeIfAbsent(command.getKey(), c -> new ArrayList<>())
              .add(readiness.ready());
        } finally {
          started.forEach(Program::kill);
        }
      }
    }
    return starts;
  }

  /**
   * @param residentMib VmRSS, median of readings over a time without work; no collection is forced
   * @param peakMib VmHWM since the process began
   */
  record Memory(double residentMib, double peakMib) {}

  /** Reads the memory of a running agent. */
  static Memory memory(Program agent) throws IOException, InterruptedException {
    TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
    List<Long> readings = new ArrayList<>();
    for (int second = 0; second < READ_SECONDS; second++) {
      TimeUnit.SECONDS.sleep(1);
      readings.add(agent.residentKib());
    }
    long median = readings.stream().sorted().toList().get(readings.size() / 2);
    return new Memory(median / 1024.0, peakKib(agent.pid()) / 1024.0);
  }

  private static long peakKib(long pid) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    }
  }

  /** Memory of freshly started agents that find a full node, by command. */
  Map<String, Memory> memoryAfterRestart() throws IOException, InterruptedException {
    Map<String, Memory> memory = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> command : commands.entrySet()) {
      List<Program> started = new ArrayList<>();
      try {
        node.startTimed(command.getValue(), started);
        memory.put(command.getKey(), memory(started.getFirst()));
      } finally {
        started.forEach(Program::kill);
      }
    }
    return memory;
  }
}
