package io.portolan.policy.cases;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Answers questions about policy, one line of JSON for each probe, in order and as they come. A
 * probe or a line that is none is answered with {@code error}.
 */
public final class PolicyCases {
  /**
   * What became of a run.
   *
   * @param answers written, errors included
   * @param malformed of them
   * @param first what was wrong with the first of them; empty if there is none
   */
  public record Summary(long answers, long malformed, String first) {}

  /** How the answers to probes are written. */
  public enum Format {
    TEXT,
    JSON
  }

  private final OutputStream out;
  private final JsonGenerator generator;
  private final AnswerWriter writer;
  private final Format format;
  private final ProbeEnds ends = new ProbeEnds();
  private long answers;
  private long malformed;
  private String first = "";

  /** The cluster of the last case, for the next step of it. */
  private ProbedCluster cluster = new ProbedCluster();

  /** The same with staged policies enforced; empty if there are none. */
  private Optional<ProbedCluster> staged = Optional.empty();

  private PolicyCases(OutputStream out, Format format) throws IOException {
    this.out = out;
    this.format = format;
    this.generator = generator(out);
    this.writer = new AnswerWriter(generator);
  }

  /**
   * Answers cases, as {@link CaseReader} reads them.
   *
   * @param notes hears what of the objects is left out
   * @throws IOException if reading or writing fails; what was answered before is written
   */
  public static Summary answerCases(InputStream in, OutputStream out, Consumer<String> notes)
      throws IOException {
    PolicyCases run = new PolicyCases(out, Format.JSON);
    CaseReader.read(
        in,
        notes,
        new CaseReader.Visitor() {
          @Override
          public void step(CaseReader.Step step) throws IOException {
            run.answerStep(step);
          }

          @Override
          public void malformed(List<Map.Entry<String, JsonNode>> labels, String error)
              throws IOException {
            run.fail(labels, MissingNode.getInstance(), error);
          }

          @Override
          public void pause() throws IOException {
            run.flush();
          }
        });
    return run.summary();
  }

  /** Answers lines that are a probe each, of one cluster. */
  public static Summary answerProbes(
      ClusterState state, InputStream in, OutputStream out, Format format) throws IOException {
    PolicyCases run = new PolicyCases(out, format);
    run.become(state);
    JsonLines.read(
        in,
        run::flush,
        new JsonLines.Visitor() {
          @Override
          public void visit(String where, JsonNode line) throws IOException {
            run.answerProbe(where, List.of(), line);
          }

          @Override
          public void unreadable(String error) throws IOException {
            run.fail(List.of(), MissingNode.getInstance(), error);
          }
        });
    return run.summary();
  }

  /** Lines of trees; closing it, or flushing, leaves what is behind alone. */
  static JsonGenerator generator(OutputStream out) throws IOException {
    return JsonLines.JSON
        .getFactory()
        .createGenerator(out, JsonEncoding.UTF8)
        .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
        .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM)
        .setPrettyPrinter(new MinimalPrettyPrinter(""));
  }

  private Summary summary() throws IOException {
    flush();
    return new Summary(answers, malformed, first);
  }

  private void flush() throws IOException {
    generator.flush();
    out.flush();
  }

  private void answerStep(CaseReader.Step step) throws IOException {
    if (!step.goesOn()) {
      cluster = new ProbedCluster();
      staged = Optional.empty();
    }
    become(step.state());
    for (CaseReader.AskedProbe probe : step.probes()) {
      answerProbe(probe.where(), step.labels(), probe.document());
    }
  }

  private void become(ClusterState state) {
    cluster.become(state);
    staged =
        state.hasStaged() ? staged.or(() -> Optional.of(new ProbedCluster())) : Optional.empty();
    staged.ifPresent(next -> next.become(state.enforcingStaged()));
  }

  private void answerProbe(String where, List<Map.Entry<String, JsonNode>> labels, JsonNode node)
      throws IOException {
    try {
      Probe probe = Probe.of(node, ends);
      ProbeAnswer answer = cluster.answer(probe);
      Optional<ProbeAnswer> then =
          staged.isPresent() ? Optional.of(staged.get().answer(probe)) : Optional.empty();
      answers++;
      switch (format) {
        case TEXT ->
            out.write(
                (AnswerWriter.text(probe, answer, then) + "\n").getBytes(StandardCharsets.UTF_8));
        case JSON -> writer.answer(labels, node, answer, then);
      }
    } catch (MalformedInputException e) {
      fail(labels, node, where + ": " + e.getMessage());
    }
  }

  private void fail(List<Map.Entry<String, JsonNode>> labels, JsonNode probe, String error)
      throws IOException {
    answers++;
    malformed++;
    first = first.isEmpty() ? error : first;
    switch (format) {
      case TEXT -> out.write(("error: " + error + "\n").getBytes(StandardCharsets.UTF_8));
      case JSON -> writer.error(labels, probe, error);
    }
  }
}
