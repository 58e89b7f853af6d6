package io.portolan.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.portolan.policy.cases.MalformedInputException;
import io.portolan.policy.cases.ManifestObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * The objects in files of YAML, any number of documents each, or JSON; of a directory, in all files
 * below it whose names end in {@code .yaml}, {@code .yml} or {@code .json}, in the order of names.
 */
final class ManifestFiles {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final ObjectMapper YAML = new ObjectMapper(yaml());

  private ManifestFiles() {}

  private static YAMLFactory yaml() {
    LoaderOptions options = new LoaderOptions();
    // Whole clusters are dumped into one file.
    options.setCodePointLimit(Integer.MAX_VALUE);
    options.setAllowDuplicateKeys(false);
    return YAMLFactory.builder()
        .loaderOptions(options)
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .build();
  }

  /**
   * @param paths files and directories
   * @throws MalformedInputException naming the file and line if it is no YAML or JSON
   */
  static List<ManifestObject> read(List<Path> paths) throws IOException, MalformedInputException {
    List<ManifestObject> objects = new ArrayList<>();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        try (Stream<Path> below = Files.walk(path)) {
          for (Path file : below.filter(ManifestFiles::isManifest).sorted().toList()) {
            readFile(file, objects);
          }
        }
      } else if (Files.isReadable(path)) {
        readFile(path, objects);
      } else {
        throw new MalformedInputException("-f " + path + ": there is no such file to read");
      }
    }
    return objects;
  }

  private static boolean isManifest(Path path) {
    return Files.isRegularFile(path) && path.toString().matches(".*\\.(ya?ml|json)");
  }

  private static void readFile(Path file, List<ManifestObject> objects)
      throws IOException, MalformedInputException {
    ObjectMapper mapper = file.toString().endsWith(".json") ? JSON : YAML;
    try (InputStream in = Files.newInputStream(file);
        JsonParser parser = mapper.getFactory().createParser(in)) {
      // The end of a document is no token either; only behind the last one the parser is closed.
      while (true) {
        if (parser.nextToken() == null) {
          if (parser.isClosed()) {
            return;
          }
          continue;
        }
        int line = parser.currentTokenLocation().getLineNr();
        JsonNode object = mapper.readTree(parser);
        if (!object.isNull() && !(object.isTextual() && object.asText().isEmpty())) {
          objects.add(new ManifestObject(file + ": line " + line, object));
        }
      }
    } catch (JsonProcessingException e) {
      // Between what it says it shows where, which the line says here.
      String problem =
          e.getOriginalMessage()
              .lines()
              .filter(text -> !text.startsWith(" "))
              .collect(Collectors.joining(", "));
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new MalformedInputException(file + ": line " + line + ": no YAML or JSON: " + problem);
    }
  }
}
