using AttentionLab.Data;
using AttentionLab.Imaging;

namespace AttentionLab.Cookbook.Data;

internal sealed class FolderOfPictures : Recipe
{
    public override string Name => "A folder of pictures";

    public override string Sentence => "Makes a data set of a folder that has a subfolder of pictures for each class.";

    protected override void Execute()
    {
        for (int i = 0; i < 60; i++)
        {
            PngFile.Save(data.Train.PictureOf(i), $"{folder}/{data.Train[i].ClassName}/{i}.png");
        }

        DataSet mine = ImageFolder.Load(folder, new ImageFolderOptions { TestFraction = 0.25, Seed = 0 });
        display(
            $"{mine.Train.Count} pictures to learn from, {mine.Test.Count} to test with: {string.Join(", ", mine.ClassNames)}"
        );
    }
}
