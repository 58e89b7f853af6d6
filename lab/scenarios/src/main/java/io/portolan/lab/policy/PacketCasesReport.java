package io.portolan.lab.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.policy.cases.AnswerWriter;
import io.portolan.policy.cases.AnswerWriter.Packets;
import io.portolan.policy.cases.CaseReader;
import io.portolan.policy.cases.Probe;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Writes results as they come, and counts them. */
public final class PacketCasesReport implements PacketCases.Results {
  private static final long SAY_EVERY_NANOS = 5_000_000_000L;

  private final OutputStream out;
  private final Consumer<String> progress;
  private final Format format;
  private final AnswerWriter writer;
  private final SortedMap<String, Integer> notSent = new TreeMap<>();
  private final long begin = System.nanoTime();
  private long said = begin;
  private long states;
  private long probes;
  private long allowed;
  private long differences;
  private long failures;

  /** TEXT: differences and failures only, and a summary. JSON: a line for each probe. */
  public enum Format {
    TEXT,
    JSON
  }

  /**
   * @param progress gets a line now and then
   */
  public PacketCasesReport(OutputStream out, Format format, Consumer<String> progress)
      throws IOException {
    this.out = out;
    this.format = format;
    this.progress = progress;
    this.writer = AnswerWriter.to(out);
  }

  @Override
  public void compared(
      CaseReader.Step step, JsonNode document, Probe probe, PacketCases.Compared compared)
      throws IOException {
    switch (compared.packets()) {
      case Packets.Arrived(boolean arrived) -> {
        probes++;
        allowed += arrived ? 1 : 0;
      }
      case Packets.NotSent(String why) ->
          // One line for all addresses.
          notSent.merge(why.replaceFirst("^[0-9a-f:.]+ ", "... "), 1, Integer::sum);
    }
    differences += compared.differs() ? 1 : 0;
    switch (format) {
      case JSON -> writer.compared(step.labels(), document, compared.answer(), compared.packets());
      case TEXT -> {
        if (compared.differs()) {
          line(
              "%s: packets %s, but %s"
                  .formatted(
                      name(step.labels()),
                      compared.answer().allowed() ? "do not pass" : "pass",
                      AnswerWriter.text(probe, compared.answer())));
        }
      }
    }
  }

  @Override
  public void failed(List<Map.Entry<String, JsonNode>> labels, JsonNode probe, String error)
      throws IOException {
    failures++;
    switch (format) {
      case JSON -> writer.error(labels, probe, error);
      case TEXT -> line(name(labels) + ": error: " + error);
    }
  }

  @Override
  public void stepped() throws IOException {
    states++;
    writer.flush();
    out.flush();
    long now = System.nanoTime();
    if (now - said > SAY_EVERY_NANOS) {
      said = now;
      progress.accept(counts());
    }
  }

  /**
   * Ends the report.
   *
   * @param late see {@link PacketCases#run}
   */
  public void end(long late) throws IOException {
    if (late > 0) {
      failures++;
      progress.accept(
          late + " packets came after they were taken for lost: verdicts cannot be relied on");
    }
    writer.flush();
    switch (format) {
      case JSON -> progress.accept(counts());
      case TEXT -> {
        line(counts());
        for (Map.Entry<String, Integer> entry : notSent.entrySet()) {
          line("  not tried: " + entry.getValue() + ", " + entry.getKey());
        }
      }
    }
    out.flush();
  }

  /**
   * 0 if packets did what the compiled form says, 1 if one did not, 2 if not all could be tried.
   */
  public int exitCode() {
    return differences > 0 ? 1 : failures > 0 ? 2 : 0;
  }

  private String counts() {
    double seconds = (System.nanoTime() - begin) / 1e9;
    return String.format(
        Locale.ROOT,
        "%d clusters, %d probes with packets (%.0f/s): %d allowed, %d denied, differences: %d%s",
        states,
        probes,
        probes / seconds,
        allowed,
        probes - allowed,
        differences,
        failures == 0 ? "" : ", errors: " + failures);
  }

  private static String name(List<Map.Entry<String, JsonNode>> labels) {
    StringBuilder name = new StringBuilder();
    labels.forEach(
        label -> name.append(name.isEmpty() ? "" : " step ").append(label.getValue().asText()));
    return name.isEmpty() ? "?" : name.toString();
  }

  private void line(String text) throws IOException {
    out.write((text + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
