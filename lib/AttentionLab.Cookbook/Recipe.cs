using System.Collections;
using AttentionLab.Data;
using AttentionLab.Figures;
using AttentionLab.Imaging;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Cookbook;

/// <summary>
/// One thing that AttentionLab does, in a few lines. A class is the code to read, the test that it works and its entry in the
/// cookbook. It derives from this one, lies in its category's folder, and stands in <see cref="Recipes.All"/>.
/// </summary>
/// <remarks>
/// What a recipe works on has the names and the capitals that it would have in a notebook (<c>data</c>, <c>network</c>), so that
/// a body reads and runs the same there; <see cref="RecipeCode"/> puts the lines before it that make them.
/// </remarks>
public abstract class Recipe
{
    private Ingredients? _ingredients;

    /// <summary>What it does, in a few words: the heading of its entry.</summary>
    public abstract string Name { get; }

    /// <summary>What a reader gets out of it, in one sentence that no run can contradict.</summary>
    public abstract string Sentence { get; }

    /// <summary>The folder that it lies in, which its namespace ends in.</summary>
    public string Category => GetType().Namespace!.Split('.')[^1];

    /// <summary>
    /// The name as the command line takes it, as an anchor of the page and in file names: small letters and digits, with hyphens
    /// for what is between them.
    /// </summary>
    public string Slug =>
        string.Join(
            '-',
            new string([.. Name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : ' ')]).Split(
                ' ',
                StringSplitOptions.RemoveEmptyEntries
            )
        );

    /// <summary>Runs it on ingredients of its own, and disposes what it leaves behind.</summary>
    /// <returns>What it displayed, in order.</returns>
    /// <exception cref="FileNotFoundException">The trained weights lie nowhere above this assembly or the current
    /// folder.</exception>
    /// <exception cref="InvalidOperationException">The recipe failed; the message says which and why.</exception>
    public RecipeResult Run()
    {
        using DisposeScope scope = NewDisposeScope();
        using var ingredients = new Ingredients();
        _ingredients = ingredients;
        try
        {
            Execute();
            return new RecipeResult(this, ingredients.Displayed);
        }
        catch (Exception e) when (e is not FileNotFoundException)
        {
            throw new InvalidOperationException($"The recipe '{Name}' failed: {e.Message}", e);
        }
        finally
        {
            _ingredients = null;
        }
    }

    /// <summary>The recipe: three to twelve lines, as they would stand in a notebook's cell.</summary>
    protected abstract void Execute();

    /// <summary>Shows a figure, a line of text, or a list of things, each in a line, as they are now.</summary>
    protected void display(object shown) => Now.Displayed.Add(shown is Figure ? shown : TextOf(shown));

    /// <summary>Pictures to learn from and pictures to be tested with: 600 and 500 of the built-in set, with masks.</summary>
    protected static DataSet data => Ingredients.Data;

    /// <summary>A network with channel attention that was trained on the built-in set.</summary>
    protected TrainedNetwork network => Now.Network;

    /// <summary>The module of <see cref="network"/>.</summary>
    protected SeCnn model => (SeCnn)network.Module;

    /// <summary>The first test picture.</summary>
    protected static Image picture => data.Test.PictureOf(0);

    /// <summary>The first three test pictures as the network takes them, 3×3×32×32.</summary>
    protected Tensor input => Now.Input;

    /// <summary>A folder for the recipe's files, deleted after it.</summary>
    protected string folder => Now.Folder;

    /// <summary>The path of a small network in the ONNX format, trained on the built-in set.</summary>
    protected static string onnxFile => TrainedWeights.Find("Shapes small.onnx");

    /// <summary>The path of a picture file, 160×120 pixels.</summary>
    protected string photo => Now.Photo;

    private Ingredients Now => _ingredients ?? throw new InvalidOperationException($"Start a recipe with {nameof(Run)}.");

    private static string TextOf(object shown) =>
        shown is IEnumerable items and not string ? string.Join('\n', items.Cast<object>()) : $"{shown}".TrimEnd();
}
