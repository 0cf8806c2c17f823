using AttentionLab.Data;
using AttentionLab.Imaging;

namespace AttentionLab.Host.Exploring;

/// <summary>Pictures to choose from on the page: a set's, or files.</summary>
/// <param name="Name">What they are called.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Get">A picture with its class, where that is known, and the C# expression that makes it.</param>
internal sealed record PictureSource(string Name, int Count, Func<int, (Image Image, int? Label, string Expression)> Get)
{
    /// <summary>The set, where it is one.</summary>
    public LabeledImages? Set { get; private init; }

    /// <summary>A set's test pictures.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="root">What <see cref="DataSets.Load(string, Action{string}, ImageFolderOptions)"/> loads the set by.</param>
    public static PictureSource Of(LabeledImages images, string root)
    {
        string source = CSharpLiteral.Of(root == DataSets.Shapes ? root : Path.GetFullPath(root));
        string load = $"{nameof(DataSets)}.{nameof(DataSets.Load)}({source}, Console.WriteLine)";
        return new(
            images.Name,
            images.Count,
            index => (images.PictureOf(index), images.Labels[index], $"{load}.Test.PictureOf({index})")
        )
        {
            Set = images,
        };
    }

    /// <summary>Files, each read when it is chosen.</summary>
    public static PictureSource Of(IReadOnlyList<string> files) =>
        new(
            files.Count == 1 ? Path.GetFileName(files[0]) : $"{files.Count} files",
            files.Count,
            index => (ImageFile.Load(files[index]), null, ExpressionOf(Path.GetFullPath(files[index])))
        );

    /// <summary>The C# expression that reads a file.</summary>
    public static string ExpressionOf(string file) => $"{nameof(ImageFile)}.{nameof(ImageFile.Load)}({CSharpLiteral.Of(file)})";
}
