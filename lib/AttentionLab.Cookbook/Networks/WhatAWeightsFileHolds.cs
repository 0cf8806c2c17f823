using AttentionLab.Models;

namespace AttentionLab.Cookbook.Networks;

internal sealed class WhatAWeightsFileHolds : Recipe
{
    public override string Name => "What a weights file holds";

    public override string Sentence => "Lists the tensors of a safetensors or PyTorch file without loading them into a network.";

    protected override void Execute()
    {
        WeightFile.Save(new Cnn(classes: 3), $"{folder}/weights.safetensors");

        using (TensorFile file = TensorFile.Open($"{folder}/weights.safetensors"))
        {
            display(file.Tensors.Take(6).Select(tensor => $"{tensor.Key}: {tensor.Value.ShapeText} of {tensor.Value.Type}"));
        }
    }
}
