package io.portolan.node.install;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The configurations that a container runtime chooses from. */
final class CniDirectory {
  /** As libcni has them. */
  private static final List<String> EXTENSIONS = List.of(".conf", ".conflist", ".json");

  private CniDirectory() {}

  /**
   * The files in the order in which runtimes prefer them; none if there is no such directory.
   *
   * @throws IOException if the directory or a file cannot be read
   */
  static List<ConfigFile> read(Path directory) throws IOException {
    List<ConfigFile> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      for (Path file : found) {
        String name = file.getFileName().toString();
        if (EXTENSIONS.stream().anyMatch(name::endsWith) && Files.isRegularFile(file)) {
          files.add(ConfigFile.read(name, Files.readString(file)));
        }
      }
    } catch (NoSuchFileException e) {
      // No directory, or a file that was taken away meanwhile: the next look sees what there is.
      if (Files.exists(directory)) {
        throw e;
      }
    }
    files.sort(Comparator.comparing(ConfigFile::name));
    return files;
  }
}
