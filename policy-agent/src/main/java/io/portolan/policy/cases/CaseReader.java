package io.portolan.policy.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.portolan.common.net.IpAddress;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Reads cases, one a line: {@code {"id":"…","step":0,"dns":{…},"objects":[…],"probes":[…]}}. Lines
 * in a row with the same id and rising steps are states of one cluster, one after the other.
 */
public final class CaseReader {
  private final Consumer<String> notes;
  private final Visitor visitor;
  private JsonNode lastId = MissingNode.getInstance();
  private OptionalInt lastStep = OptionalInt.empty();

  private CaseReader(Consumer<String> notes, Visitor visitor) {
    this.notes = notes;
    this.visitor = visitor;
  }

  /**
   * One state of a cluster, with what is asked about it.
   *
   * @param where such as {@code line 7}
   * @param labels {@code id} and {@code step}, to tell answers by
   * @param goesOn whether it is the next state of the cluster before
   */
  public record Step(
      String where,
      List<Map.Entry<String, JsonNode>> labels,
      boolean goesOn,
      ClusterState state,
      List<AskedProbe> probes) {
    public Step {
      labels = List.copyOf(labels);
      probes = List.copyOf(probes);
    }
  }

  /**
   * A probe as it is written.
   *
   * @param where such as {@code line 7: probes[3]}
   */
  public record AskedProbe(String where, JsonNode document) {}

  /** Takes the cases, in order. */
  public interface Visitor {
    void step(Step step) throws IOException;

    /**
     * A line that is no case.
     *
     * @param labels as far as they are known
     */
    void malformed(List<Map.Entry<String, JsonNode>> labels, String error) throws IOException;

    /** Everything read so far was handed over, and reading on may block. */
    default void pause() throws IOException {}
  }

  /**
   * @param notes hears what of the objects is left out
   */
  public static void read(InputStream in, Consumer<String> notes, Visitor visitor)
      throws IOException {
    CaseReader reader = new CaseReader(notes, visitor);
    JsonLines.read(
        in,
        visitor::pause,
        new JsonLines.Visitor() {
          @Override
          public void visit(String where, JsonNode line) throws IOException {
            reader.visit(where, line);
          }

          @Override
          public void unreadable(String error) throws IOException {
            visitor.malformed(List.of(), error);
          }
        });
  }

  private void visit(String where, JsonNode line) throws IOException {
    List<Map.Entry<String, JsonNode>> labels = new ArrayList<>();
    Step step;
    try {
      step = step(where, InputNode.of(line), labels);
    } catch (MalformedInputException e) {
      lastId = MissingNode.getInstance();
      visitor.malformed(labels, where + ": " + e.getMessage());
      return;
    }
    visitor.step(step);
  }

  private Step step(String where, InputNode line, List<Map.Entry<String, JsonNode>> labels)
      throws MalformedInputException {
    InputNode id = line.get("id");
    if (!id.node().isValueNode() || !id.isPresent()) {
      throw id.problem(id.isPresent() ? "is no string" : "is missing");
    }
    labels.add(Map.entry("id", id.node()));
    OptionalInt step = line.get("step").optionalNumber(0, Integer.MAX_VALUE);
    labels.add(Map.entry("step", IntNode.valueOf(step.orElse(0))));
    List<AskedProbe> probes = new ArrayList<>();
    for (InputNode probe : line.get("probes").items()) {
      probes.add(new AskedProbe(where + ": " + probe.path(), probe.node()));
    }
    boolean goesOn = id.node().equals(lastId) && step.isPresent() && lastStep.isPresent();
    if (goesOn && step.getAsInt() <= lastStep.getAsInt()) {
      throw line.get("step")
          .problem("%d does not come after %d".formatted(step.getAsInt(), lastStep.getAsInt()));
    }
    List<ManifestObject> objects = new ArrayList<>();
    for (InputNode object : line.get("objects").items()) {
      objects.add(new ManifestObject(object.path(), object.node()));
    }
    ClusterState state =
        ClusterState.of(objects, note -> notes.accept(id.node().asText() + ": " + note))
            .with(dns(line.get("dns")));
    lastId = id.node();
    lastStep = step;
    return new Step(where, labels, goesOn, state, probes);
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
}
