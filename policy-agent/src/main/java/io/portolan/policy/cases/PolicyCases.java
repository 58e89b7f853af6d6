package io.portolan.policy.cases;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.portolan.common.net.IpAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Answers questions about policy, one line of JSON for each probe, in order and as they come. A
 * probe or a line that is none is answered with {@code error}.
 */
public final class PolicyCases {
  /** A line may hold a whole cluster. */
  private static final int MAX_LINE = 512 << 20;

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

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
  private final Consumer<String> notes;
  private final Format format;
  private final ProbeEnds ends = new ProbeEnds();
  private long answers;
  private long malformed;
  private String first = "";

  /** The cluster of the last case, for the next step of it. */
  private ProbedCluster cluster = new ProbedCluster();

  private JsonNode lastId = MissingNode.getInstance();
  private OptionalInt lastStep = OptionalInt.empty();

  private PolicyCases(OutputStream out, Format format, Consumer<String> notes) throws IOException {
    this.out = out;
    this.format = format;
    this.notes = notes;
    this.generator = generator(out);
    this.writer = new AnswerWriter(generator);
  }

  /**
   * Answers lines of {@code {"id":"…","step":0,"dns":{…},"objects":[…],"probes":[…]}}. Lines in a
   * row with the same id and rising steps are states of one cluster, one after the other.
   *
   * @param notes hears what of the objects is left out
   * @throws IOException if reading or writing fails; what was answered before is written
   */
  public static Summary answerCases(InputStream in, OutputStream out, Consumer<String> notes)
      throws IOException {
    PolicyCases run = new PolicyCases(out, Format.JSON, notes);
    return run.eachLine(in, run::answerCase);
  }

  /** Answers lines that are a probe each, of one cluster. */
  public static Summary answerProbes(
      ClusterState state, InputStream in, OutputStream out, Format format) throws IOException {
    PolicyCases run = new PolicyCases(out, format, _ -> {});
    run.cluster.become(state);
    return run.eachLine(in, (where, line) -> run.answerProbe(where, List.of(), line));
  }

  /** Lines of trees; closing it, or flushing, leaves what is behind alone. */
  static JsonGenerator generator(OutputStream out) throws IOException {
    return JSON.getFactory()
        .createGenerator(out, JsonEncoding.UTF8)
        .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
        .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM)
        .setPrettyPrinter(new MinimalPrettyPrinter(""));
  }

  private interface LineVisitor {
    void visit(String where, JsonNode line) throws IOException;
  }

  private Summary eachLine(InputStream in, LineVisitor visitor) throws IOException {
    CaseLines lines = new CaseLines(in, this::flush, MAX_LINE);
    long number = 0;
    while (lines.advance()) {
      number++;
      if (lines.isBlank()) {
        continue;
      }
      String where = "line " + number;
      if (lines.oversize()) {
        fail(List.of(), MissingNode.getInstance(), where + ": longer than " + MAX_LINE + " bytes");
        continue;
      }
      JsonNode line;
      try {
        line = JSON.readTree(lines.buffer(), lines.start(), lines.length());
      } catch (MismatchedInputException e) {
        fail(
            List.of(),
            MissingNode.getInstance(),
            where + ": expected one object, found more behind it");
        continue;
      } catch (JsonProcessingException e) {
        fail(List.of(), MissingNode.getInstance(), where + ": not JSON: " + e.getOriginalMessage());
        continue;
      }
      visitor.visit(where, line);
    }
    flush();
    return new Summary(answers, malformed, first);
  }

  private void flush() throws IOException {
    generator.flush();
    out.flush();
  }

  private void answerCase(String where, JsonNode line) throws IOException {
    List<Map.Entry<String, JsonNode>> labels = new ArrayList<>();
    List<InputNode> probes;
    try {
      InputNode question = InputNode.of(line);
      InputNode id = question.get("id");
      if (!id.node().isValueNode() || !id.isPresent()) {
        throw id.problem(id.isPresent() ? "is no string" : "is missing");
      }
      labels.add(Map.entry("id", id.node()));
      OptionalInt step = question.get("step").optionalNumber(0, Integer.MAX_VALUE);
      labels.add(Map.entry("step", IntNode.valueOf(step.orElse(0))));
      probes = question.get("probes").items();
      become(id.node(), step, question);
    } catch (MalformedInputException e) {
      lastId = MissingNode.getInstance();
      fail(labels, MissingNode.getInstance(), where + ": " + e.getMessage());
      return;
    }
    for (InputNode probe : probes) {
      answerProbe(where + ": " + probe.path(), labels, probe.node());
    }
  }

  private void become(JsonNode id, OptionalInt step, InputNode question)
      throws MalformedInputException {
    boolean goesOn = id.equals(lastId) && step.isPresent() && lastStep.isPresent();
    if (goesOn && step.getAsInt() <= lastStep.getAsInt()) {
      throw question
          .get("step")
          .problem("%d does not come after %d".formatted(step.getAsInt(), lastStep.getAsInt()));
    }
    List<ManifestObject> objects = new ArrayList<>();
    for (InputNode object : question.get("objects").items()) {
      objects.add(new ManifestObject(object.path(), object.node()));
    }
    ClusterState state = ClusterState.of(objects, note -> notes.accept(id.asText() + ": " + note));
    if (!goesOn) {
      cluster = new ProbedCluster();
    }
    cluster.become(state.with(dns(question.get("dns"))));
    lastId = id;
    lastStep = step;
  }

  private static Map<String, List<IpAddress>> dns(InputNode dns) throws MalformedInputException {
    Map<String, List<IpAddress>> domains = new TreeMap<>();
    for (String name : dns.names()) {
      List<IpAddress> addresses = new ArrayList<>();
      for (InputNode address :
          new InputNode(dns.path() + "[" + name + "]", dns.node().path(name)).items()) {
        addresses.add(address.address());
      }
      domains.put(name, addresses);
    }
    return domains;
  }

  private void answerProbe(String where, List<Map.Entry<String, JsonNode>> labels, JsonNode node)
      throws IOException {
    try {
      Probe probe = Probe.of(node, ends);
      ProbeAnswer answer = cluster.answer(probe);
      answers++;
      switch (format) {
        case TEXT ->
            out.write((AnswerWriter.text(probe, answer) + "\n").getBytes(StandardCharsets.UTF_8));
        case JSON -> writer.answer(labels, node, answer);
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
