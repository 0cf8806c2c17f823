using System.Text.Json.Nodes;
using AttentionLab.Kernel.Display;
using TorchSharp;

namespace AttentionLab.Kernel.Tests.Display;

public sealed class ArrayTextTests
{
    [Fact]
    public void A_matrix_stands_in_rows()
    {
        AssertText(
            "float[2, 3]\n 1   0.5  -2\n10  1000   3",
            new[,]
            {
                { 1f, 0.5f, -2f },
                { 10f, 1000f, 3f },
            }
        );
        AssertText("int[0, 3]", new int[0, 3]);
        AssertText(
            "bool[1, 2]\nTrue  False",
            new[,]
            {
                { true, false },
            }
        );
    }

    [Fact]
    public void Many_rows_and_columns_are_cut()
    {
        var lines = ((string)MimeBundle.Of(new byte[40, 50])["text/plain"]!).Split('\n');
        Assert.Equal("byte[40, 50]", lines[0]);
        Assert.Equal(14, lines.Length);
        Assert.Equal("0  0  0  0  0  0  0  0  0  0  0  0  …", lines[1]);
        Assert.Equal("…  …  …  …  …  …  …  …  …  …  …  …  …", lines[13]);
    }

    [Fact]
    public void More_dimensions_arrays_of_arrays_and_memory()
    {
        AssertText(
            "double[1, 2, 2]\n1, 2, 3, 4",
            new[,,]
            {
                {
                    { 1.0, 2 },
                    { 3, 4 },
                },
            }
        );
        AssertText("int[2][]\n1\n2  33", new[] { [1], new[] { 2, 33 } });
        AssertText("[ 1, 2 ]", new[] { 1, 2 }.AsMemory());
        Assert.EndsWith(", … 976 more", (string)MimeBundle.Of(new int[10, 10, 10])["text/plain"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_sequences_say_how_many_more_there_are()
    {
        string text = (string)MimeBundle.Of(Enumerable.Range(0, 1000).ToArray())["text/plain"]!;
        Assert.StartsWith("[ 0, 1, 2, ", text, StringComparison.Ordinal);
        Assert.Contains("980 more", text, StringComparison.Ordinal);
        Assert.True(text.Length < 200);
        Assert.Contains("more", (string)MimeBundle.Of(Endless())["text/plain"]!, StringComparison.Ordinal);

        static IEnumerable<int> Endless()
        {
            while (true)
            {
                yield return 1;
            }
        }
    }

    [Fact]
    public void A_tensor_tells_shape_dtype_device_statistics_and_values()
    {
        using torch.Tensor matrix = torch.tensor(
            new[,]
            {
                { 1f, 2f },
                { 3f, 6f },
            }
        );
        AssertText("tensor [2, 2] float32 on cpu\nmin 1, max 6, mean 3, std 2.16025\n1  2\n3  6", matrix);
        using torch.Tensor integers = torch.arange(100, torch.int64).reshape(4, 5, 5);
        AssertText(
            "tensor [4, 5, 5] int64 on cpu\nmin 0, max 99, mean 49.5, std 29.0115\n0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, "
                + "13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, … 76 more",
            integers
        );
        using torch.Tensor scalar = torch.tensor(5f, requires_grad: true);
        AssertText("tensor [] float32 on cpu, requires grad\n5", scalar);
        using torch.Tensor odd = torch.tensor([1f, float.NaN, 3f, float.PositiveInfinity]);
        AssertText("tensor [4] float32 on cpu\nmin 1, max 3, mean 2, std 1.41421; 2 not finite\n1, NaN, 3, Infinity", odd);
        using torch.Tensor flags = torch.tensor([true, false]);
        AssertText("tensor [2] bool on cpu\nmin 0, max 1, mean 0.5, std 0.707107\nTrue, False", flags);
        using torch.Tensor empty = torch.zeros(0, 3);
        AssertText("tensor [0, 3] float32 on cpu", empty);
        using torch.Tensor half = torch.ones(2, 2, dtype: torch.float16);
        AssertText("tensor [2, 2] float16 on cpu\nmin 1, max 1, mean 1, std 0\n1  1\n1  1", half);
        using torch.Tensor complex = torch.ones(2, dtype: torch.complex64);
        AssertText("tensor [2] complex64 on cpu", complex);
        half.Dispose();
        AssertText("a tensor that was disposed", half);
    }

    [Fact]
    public void Exceptions_are_collapsed()
    {
        JsonObject bundle = MimeBundle.Of(new InvalidOperationException("<no>", new FormatException("inner")));
        Assert.Equal("System.InvalidOperationException: <no>", (string?)bundle["text/plain"]);
        Assert.StartsWith(
            "<details><summary>System.InvalidOperationException: &lt;no&gt;</summary><pre>",
            (string?)bundle["text/html"],
            StringComparison.Ordinal
        );
        Assert.Contains("System.FormatException: inner", (string?)bundle["text/html"], StringComparison.Ordinal);
    }

    private static void AssertText(string expected, object value)
    {
        JsonObject bundle = MimeBundle.Of(value);
        Assert.Equal("text/plain", Assert.Single(bundle).Key);
        Assert.Equal(expected, (string?)bundle["text/plain"]);
    }
}
